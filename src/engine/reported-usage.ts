/** Adds usage to an answer when the upstream sent none: counted here, in OpenAI's shape. */
import type { Call } from '../core/call.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Usage } from '../core/record.ts';
import type { Answer } from '../core/upstream.ts';
import { usageChunk, withUsageMember } from '../wire/chat-answer.ts';
import type { EventStep } from '../wire/events.ts';
import { chatUsage, tellsUsage } from '../wire/usage.ts';

type Counted = () => Usage | undefined;

/** Only operations with usage in this shape; a Responses object gets its usage where it is translated. */
const hasChatUsage = ({ operation }: Call): boolean =>
  operation === 'chat' || operation === 'text_completion';

/** A whole answer with `usage`; unchanged if it has one. */
export function withUsage(
  call: Call,
  answer: Extract<Answer, { kind: 'whole' }>,
  counted: Counted,
): Answer {
  if (!hasChatUsage(call) || tellsUsage(answer.body)) return answer;
  const used = counted();
  return used === undefined ? answer : withUsageMember(answer, chatUsage(used));
}

/**
 * Inserts the usage chunk that the caller asked for before `[DONE]`, unless the upstream sent one. A stream that breaks off gets
 * none: it has no `[DONE]` either.
 */
export function usageChunkStep(call: Call, counted: Counted): EventStep {
  if (!call.wantsUsage || !hasChatUsage(call)) return UNCHANGED;
  let last: JsonObject | undefined;
  let isReported = false;
  return {
    push: (event) => {
      // It is like one before it.
      if (event.text !== undefined) return event;
      const { data, done } = event;
      last = data ?? last;
      isReported ||= data !== undefined && tellsUsage(data);
      const used = done === true && !isReported ? counted() : undefined;
      if (used === undefined || last === undefined) return event;
      // Once only, even if a second `[DONE]` follows.
      isReported = true;
      // Takes id, time and model from the stream.
      return [usageChunk(last, chatUsage(used)), event];
    },
  };
}

const UNCHANGED: EventStep = { push: (event) => event };
