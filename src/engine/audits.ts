/**
 * Audits: a share of accepted answers is compared with what the other model says to the same request, off the path. Texts are
 * kept in memory until the comparison is made, and written nowhere. Only targets of the request's own decision are asked.
 */
import type { Auditor, Comparison } from '../core/audit.ts';
import type { Target } from '../core/decision.ts';
import type { Attempt, UsageRecord } from '../core/record.ts';
import type { Answer } from '../core/upstream.ts';
import { answerOf, JUDGE_TOKENS, judgementOf, KeptHere, type Asking } from './audit-asking.ts';
import { chosenOf, type Chosen, type Given } from './audit-choice.ts';
import { startRecord } from './record.ts';
import { isReplaced, type ShadowTools } from './shadow.ts';
import { whenOver } from './when-over.ts';

export interface AuditTools extends ShadowTools {
  /** Absent: nothing is audited. */
  readonly auditor?: Auditor;
}

export interface Audits {
  /** The same answer; where it is chosen, it is audited once it is over. */
  watch(given: Given): Answer;
  /** Stops those under way, and resolves when their records are written. */
  close(): Promise<void>;
}

/** Audits at a time, and those that wait. */
const MOST_AT_ONCE = 2;
const MOST_WAITING = 50;
/** One that takes longer is given up. Milliseconds. */
const LONGEST_MS = 120_000;
/** The other answer, and the judge in both orders. */
const MOST_ASKED = 3;

export function createAudits(tools: AuditTools): Audits {
  const { auditor } = tools;
  if (auditor === undefined) return { watch: ({ executed }) => executed.answer, close: idle };
  const life = new AbortController();
  const waiting: (() => Promise<void>)[] = [];
  const running = new Set<Promise<void>>();
  const next = (): void => {
    const start = running.size < MOST_AT_ONCE ? waiting.shift() : undefined;
    if (start === undefined || life.signal.aborted) return;
    const one = start().finally(() => {
      running.delete(one);
      next();
    });
    running.add(one);
  };
  const enqueue = (chosen: Chosen, text: string): void => {
    if (waiting.length >= MOST_WAITING) return auditor.omitted('queue-full');
    waiting.push(() => audited({ ...chosen, text }, life.signal, { ...tools, auditor }));
    next();
  };
  return {
    watch: (given) => {
      const { answer } = given.executed;
      const chosen = chosenOf(given, auditor);
      return chosen === undefined
        ? answer
        : whenOver(answer, given.call.operation, ({ text }) => enqueue(chosen, text));
    },
    close: async () => {
      life.abort();
      await Promise.all(running);
    },
  };
}

const idle = async (): Promise<void> => {};

interface Auditing extends Chosen {
  /** Of the answer that was given. */
  readonly text: string;
}

type Tools = AuditTools & { readonly auditor: Auditor };

async function audited(chosen: Auditing, life: AbortSignal, tools: Tools): Promise<void> {
  const { auditor } = tools;
  const { judge, policy, asks, decision } = chosen;
  if (isReplaced(decision, tools)) return auditor.omitted('policy-replaced');
  if (!asks.take(MOST_ASKED)) return auditor.omitted('attempts');
  const estimate = estimated(chosen, tools);
  const reason = auditor.take(judge.model, estimate, policy);
  if (reason !== undefined) return auditor.omitted(reason);
  const abort = AbortSignal.any([life, AbortSignal.timeout(LONGEST_MS)]);
  const attempts: Attempt[] = [];
  const asked = { ...chosen, abort, attempts };
  let comparison: Comparison | undefined;
  try {
    comparison = await compared(asked, tools);
    if (comparison === undefined) auditor.omitted('judge-nonsense');
  } catch (error) {
    auditor.omitted(error instanceof KeptHere ? 'kept-here' : 'failed');
  }
  auditor.settle(estimate ?? 0, spentOn(attempts) ?? 0);
  record(asked, comparison, tools);
  if (comparison !== undefined) auditor.done({ ...resultOf(asked), ...comparison });
}

type Compared = Auditing & Asking;

/** @throws what keeps one of the models from answering */
async function compared(asking: Compared, tools: Tools) {
  const { call, routing, target, other, text } = asking;
  const reply = await answerOf(asking, { call, target: other }, tools);
  const pair =
    target.tier === 'small' ? { small: text, large: reply } : { small: reply, large: text };
  const { turns, task } = routing.features;
  const conversation = turns.map(({ role, text: words }) => `${role}: ${words}`).join('\n');
  return await tools.auditor.compare({ task, conversation, ...pair }, (question) =>
    judgementOf(asking, question, tools),
  );
}

/** The cost of another answer of the same length and of two judgements that read both; null: no price is known. */
function estimated(
  { call, routing, other, judge, text }: Auditing,
  { accountant }: Tools,
): number | null {
  const { inputTokens } = routing.features.facts;
  const written = Math.ceil(text.length / 3) + JUDGE_TOKENS;
  const at = (target: Target, input: number, output: number): number | null => {
    if (target.locality === 'local') return 0;
    const usage = {
      inputTokens: input,
      cachedInputTokens: 0,
      outputTokens: output,
      reasoningTokens: 0,
    };
    return (
      accountant.price({
        usage: { ...usage, source: 'counted' },
        target,
        answeredModel: undefined,
        latencyMs: 0,
        atMs: call.receivedAtMs,
      }).cost?.totalNanoUsd ?? null
    );
  };
  const answer = at(other, inputTokens, written);
  const judging = at(judge, 2 * (inputTokens + 2 * written), 2 * JUDGE_TOKENS);
  return answer === null || judging === null ? null : answer + judging;
}

/** Null where one of the costs is not known. */
function spentOn(attempts: readonly Attempt[]): number | null {
  let sum = 0;
  for (const { usage, cost } of attempts) {
    if (usage !== undefined && cost === null) return null;
    sum += cost?.totalNanoUsd ?? 0;
  }
  return sum;
}

function resultOf({ call, routing, decision, stratum, propensity, attempts, ...asked }: Compared) {
  const small = asked.target.tier === 'small' ? asked.target : asked.other;
  const { name, version } = decision.policy;
  const state = routing.snapshot.upstreams[small.upstream];
  const modelDigest = state?.model === small.model ? state.modelDigest : undefined;
  return {
    requestId: call.id,
    atMs: call.receivedAtMs,
    policy: { name, version },
    model: small.model,
    ...(modelDigest === undefined ? {} : { modelDigest }),
    ...stratum,
    complexity: decision.complexity,
    propensity,
    ...(asked.wrong === undefined ? {} : { wrong: asked.wrong }),
    judge: asked.judge.model,
    costNanoUsd: spentOn(attempts),
  };
}

/** Like a shadow it does not count as a request: its spending is real, but belongs to no answer. */
function record(
  { call, routing, decision, attempts, propensity }: Compared,
  comparison: Comparison | undefined,
  tools: Tools,
): void {
  const { features, readings } = routing;
  const publish = (made: UsageRecord): void =>
    tools.publish({
      ...made,
      id: `${call.id}_audit`,
      shadowOf: call.id,
      baselineNanoUsd: null,
      ...(comparison && { audit: { ...comparison, propensity } }),
    });
  const opened = startRecord({ ...call, startedMs: tools.nowMs() }, { ...tools, publish });
  opened.decided();
  opened.finish({ attempts }, { features, readings, decision });
}
