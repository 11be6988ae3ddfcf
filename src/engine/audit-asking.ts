/** Asks a model on behalf of an audit, as a request would: metered, paid for, and through `egress.ts`. */
import type { Call } from '../core/call.ts';
import type { Target } from '../core/decision.ts';
import type { Attempt } from '../core/record.ts';
import type { Answer } from '../core/upstream.ts';
import { readAll } from '../lib/flow.ts';
import type { JsonObject } from '../lib/json.ts';
import { draftReader } from '../wire/draft.ts';
import { openAttempt, paidCall } from './attempt.ts';
import type { Chosen } from './audit-choice.ts';
import { send } from './egress.ts';
import { evaluate, SIGNAL_DEADLINE_MS } from './evaluate.ts';
import { masking, staysHere } from './exclusions.ts';
import { describe } from './features.ts';
import type { ShadowTools } from './shadow.ts';

/** The output limit of a judge that answers with one letter: some models think first. */
export const JUDGE_TOKENS = 256;

export interface Asking extends Chosen {
  readonly abort: AbortSignal;
  /** Grows with each call. */
  readonly attempts: Attempt[];
}

/** Asks for one letter, in place of what the call asks. */
function judgeCall(call: Call, question: string): Call {
  const body = {
    model: 'judge',
    messages: [{ role: 'user', content: question }],
    max_completion_tokens: JUDGE_TOKENS,
  };
  const { override: _, previousResponseId: __, previousItems: ___, ...rest } = call;
  return {
    ...rest,
    operation: 'chat',
    path: '/chat/completions',
    stream: false,
    wantsUsage: false,
    body,
    payload: Buffer.from(JSON.stringify(body)),
    contentType: 'application/json',
    forwardHeaders: {},
  };
}

/** Thrown where the judge is elsewhere and what it would read must stay on this machine. */
export class KeptHere extends Error {}

/**
 * Asks the judge. The answer in the question was made here and nobody judged it yet, so the question leaves only as a request with these
 * words would.
 * @throws KeptHere where it must stay
 * @throws what keeps the model from answering
 */
export async function judgementOf(
  asking: Asking,
  question: string,
  tools: ShadowTools,
): Promise<string> {
  const { judge: target, decision, routing } = asking;
  const call = judgeCall(asking.call, question);
  if (target.locality === 'local') return await answerOf(asking, { call, target }, tools);
  const { policy, signals, snapshot } = routing;
  const features = describe(call);
  const readings = await evaluate(signals, features, SIGNAL_DEADLINE_MS);
  const situation = { facts: features.facts, readings, snapshot };
  if (staysHere(situation, policy)) throw new KeptHere();
  const redact = masking(situation, policy);
  const masked = redact === undefined ? asking : { ...asking, decision: { ...decision, redact } };
  return await answerOf(masked, { call, target }, tools);
}

interface Question {
  readonly call: Call;
  readonly target: Target;
}

/** @throws what keeps the model from answering */
export async function answerOf(
  { call: given, routing, decision, abort, attempts }: Asking,
  { call, target }: Question,
  tools: ShadowTools,
): Promise<string> {
  const features = call === given ? routing.features : describe(call);
  const payment = tools.payments.reserve(call, features, target);
  tools.observer.started(target, call);
  const open = openAttempt(call, features, { target, payment }, tools);
  let isClosed = false;
  const closed = (attempt: Attempt): void => {
    if (!isClosed) attempts.push({ ...attempt, kind: 'audit' });
    isClosed = true;
  };
  try {
    const sent = payment === undefined ? call : await paidCall(call, payment);
    const request = {
      call: sent,
      model: target.model,
      egress: open.egress,
      countUsage: open.countUsage,
      isSentOnce: open.isSentOnce,
    };
    const answer = await send(request, target, decision, { upstreams: tools.upstreams, abort });
    return await textOf(open.meter(answer, abort, closed), call);
  } catch (error) {
    closed(open.close(abort.aborted ? 'aborted' : 'failed', error));
    throw error;
  }
}

async function textOf(answer: Answer, { operation }: Call): Promise<string> {
  const reader = draftReader(operation);
  const observe = (body: JsonObject): void => reader?.observe(body);
  if (answer.kind === 'whole') observe(answer.body);
  if (answer.kind === 'stream') {
    await readAll(answer.events, ({ data }) => {
      if (data !== undefined) observe(data);
    });
  }
  return reader?.said.text ?? '';
}
