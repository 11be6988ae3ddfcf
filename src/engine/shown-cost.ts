/**
 * What a request cost, in the `usage` of its answer where the caller asks for it (`X-Smallfirst-Usage: cost`): client libraries hide
 * headers, and those of a stream are sent before its cost is known.
 */
import type { Call } from '../core/call.ts';
import type { Attempt } from '../core/record.ts';
import type { StreamEvent } from '../core/upstream.ts';
import type { JsonObject } from '../lib/json.ts';
import { usageChunk, withUsageMember } from '../wire/chat-answer.ts';
import { mapEvents, type EventStep } from '../wire/events.ts';
import { chatUsage, isUsageChunk, usageIn } from '../wire/usage.ts';
import type { ExecutionResult } from './outcome.ts';

/** The attempt that answers, if it is over. */
export const answering = (attempts: readonly Attempt[]): Attempt | undefined =>
  attempts.findLast(({ outcome }) => outcome === 'ok');

/** Nano-dollars of the answer, and of the draft and the second try before it; null where its price is not known. */
export function answerCost(attempts: readonly Attempt[]): number | null {
  const attempt = answering(attempts);
  if (attempt === undefined || attempt.cost === null) return null;
  const tried = attempts.filter((one) => one !== attempt && one.kind !== undefined);
  return [attempt, ...tried].reduce((sum, { cost }) => sum + (cost?.totalNanoUsd ?? 0), 0);
}

/**
 * The same answer, where the caller asks for it with `cost` (US dollars) and `energy` beside the tokens; null where one is not known. Streams of chat and
 * completions get it in their last event, other streams and answers without usage stay as they are.
 * @param attempts all of them, once the answer is over
 */
export function withCost(
  call: Call,
  executed: ExecutionResult,
  attempts: () => readonly Attempt[] = () => [],
): ExecutionResult {
  if (call.wantsCost !== true) return executed;
  const { answer, isCached = false } = executed;
  if (answer.kind === 'whole') {
    const usage = usageIn(answer.body);
    if (usage === undefined) return executed;
    const shown = { ...usage, ...spent(executed.attempts, isCached) };
    return { ...executed, answer: withUsageMember(answer, shown) };
  }
  const isChat = call.operation === 'chat' || call.operation === 'text_completion';
  if (answer.kind !== 'stream' || !isChat) return executed;
  const events = mapEvents(answer.events, lastChunk(attempts, isCached));
  return { ...executed, answer: { ...answer, events } };
}

function spent(attempts: readonly Attempt[], isCached: boolean): JsonObject {
  const nanoUsd = isCached ? 0 : answerCost(attempts);
  const energy = answering(attempts)?.energy ?? null;
  return {
    cost: nanoUsd === null ? null : nanoUsd / 1e9,
    energy: energy && { low_j: energy.lowJ, high_j: energy.highJ, method: energy.method },
  };
}

/** Keeps the chunk of usage and `[DONE]` back until the attempt is over. A stream that breaks off gets neither. */
function lastChunk(attempts: () => readonly Attempt[], isCached: boolean): EventStep {
  let like: JsonObject | undefined;
  let reported: JsonObject | undefined;
  let done: StreamEvent | undefined;
  return {
    push: (event) => {
      const { data } = event;
      if (event.done === true) done = event;
      else if (data === undefined) return event;
      else if (isUsageChunk(data)) reported = usageIn(data);
      else {
        if (event.text === undefined) like = data;
        return event;
      }
      return [];
    },
    end: () => {
      if (done === undefined) return [];
      const made = attempts();
      const used = answering(made)?.usage;
      const usage = reported ?? (used && chatUsage(used));
      if (like === undefined || usage === undefined) return [done];
      return [usageChunk(like, { ...usage, ...spent(made, isCached) }), done];
    },
  };
}
