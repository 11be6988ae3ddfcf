import type { Call } from '../core/call.ts';
import type { Decision, Target } from '../core/decision.ts';
import { GatewayError, UpstreamError } from '../core/errors.ts';
import type { Attempt } from '../core/record.ts';
import type { Features } from '../core/signal.ts';
import type { Answer, StreamEvent } from '../core/upstream.ts';
import { closeIterator, onClose } from '../lib/iterators.ts';
import { openAttempt, type AttemptTools, type OpenAttempt } from './attempt.ts';
import { send } from './egress.ts';
import { withUsage, withUsageChunk } from './reported-usage.ts';

export interface Execution {
  readonly call: Call;
  readonly features: Features;
  readonly decision: Extract<Decision, { kind: 'route' }>;
  readonly abort: AbortSignal;
}

export type ExecuteTools = AttemptTools;

/** How a request ended, with every attempt in order. `error` is what the caller was told, if anything. */
export interface Outcome {
  readonly attempts: readonly Attempt[];
  readonly error?: unknown;
}

export interface ExecutionResult {
  readonly answer: Answer;
  readonly target: Target;
  /** Every attempt that is over. */
  readonly attempts: readonly Attempt[];
  /** The attempt that answered, once it is over: at once for a whole answer, never yet for a stream. */
  readonly attempt?: Attempt;
}

/**
 * Tries the decision's targets in order, and never any other. A stream is committed at its first
 * event: before it a failure moves on to the next target, after it never (invariant 5). `ended` is
 * called exactly once, for a stream when it is over.
 * @throws the failure of the first target, which is the one the policy wanted, when none answers.
 */
export async function execute(
  run: Execution,
  tools: ExecuteTools,
  ended: (end: Outcome) => void,
): Promise<ExecutionResult> {
  const attempts: Attempt[] = [];
  let failure: unknown;
  for (const target of run.decision.targets) {
    const open = openAttempt(run.call, run.features, target, tools);
    try {
      const answer = await ask(run, target, open, tools);
      const { call, abort } = run;
      return commit({ call, answer, target, open, attempts, abort, ended });
    } catch (error) {
      attempts.push(open.close(run.abort.aborted ? 'aborted' : 'failed', error));
      failure ??= error;
      if (run.abort.aborted || !isWorthAnother(error)) {
        failure = error;
        break;
      }
    }
  }
  const error = run.abort.aborted ? hungUp(failure) : failure;
  ended({ attempts, error });
  throw error;
}

async function ask(
  run: Execution,
  target: Target,
  { egress, countUsage }: OpenAttempt,
  tools: ExecuteTools,
): Promise<Answer> {
  const request = { call: run.call, model: target.model, egress, countUsage };
  return await send(request, target, run.decision, {
    upstreams: tools.upstreams,
    abort: run.abort,
  });
}

const isWorthAnother = (error: unknown): boolean => error instanceof UpstreamError && error.tryNext;

const hungUp = (cause: unknown): GatewayError =>
  new GatewayError('caller_hung_up', 'The caller hung up before the answer was complete.', {
    cause,
  });

interface Commit {
  readonly call: Call;
  readonly answer: Answer;
  readonly target: Target;
  readonly open: OpenAttempt;
  readonly attempts: Attempt[];
  readonly abort: AbortSignal;
  readonly ended: (end: Outcome) => void;
}

function commit({ call, answer, target, open, attempts, abort, ended }: Commit): ExecutionResult {
  const finish = (outcome: Attempt['outcome'], error?: unknown): Attempt => {
    const attempt = open.close(outcome, error);
    attempts.push(attempt);
    ended({ attempts, ...(outcome === 'ok' ? {} : { error: error ?? hungUp(error) }) });
    return attempt;
  };
  const finishStream = (error: unknown, isDone: boolean): void => {
    if (isDone) finish('ok');
    else finish(abort.aborted || error === undefined ? 'aborted' : 'failed', error);
  };
  switch (answer.kind) {
    case 'whole':
      open.see(answer.body);
      return {
        answer: withUsage(call, answer, () => open.usage()),
        target,
        attempts,
        attempt: finish('ok'),
      };
    case 'stream': {
      const watched = withUsageChunk(call, watchEvents(answer.events, open), () => open.usage());
      return { answer: { ...answer, events: onClose(watched, finishStream) }, target, attempts };
    }
    case 'raw':
      return {
        answer: { ...answer, chunks: onClose(answer.chunks, finishStream) },
        target,
        attempts,
      };
  }
}

function watchEvents(
  events: AsyncIterator<StreamEvent>,
  open: OpenAttempt,
): AsyncIterator<StreamEvent> {
  return {
    next: async () => {
      const step = await events.next();
      if (step.done !== true && step.value.data !== undefined) open.see(step.value.data);
      return step;
    },
    return: () => closeIterator(events),
  };
}
