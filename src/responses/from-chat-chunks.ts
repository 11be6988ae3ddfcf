/**
 * Translates chat chunks to Responses events. One state machine serves streams and whole answers
 * (as one chunk), so that both give the same items.
 */
import { objectsIn, type JsonObject } from '../lib/json.ts';
import type { UpstreamRequest } from '../core/upstream.ts';
import { firstChoice, type ChatChoice } from '../wire/chat-choice.ts';
import { namespacesIn } from '../wire/namespaces.ts';
import { responsesUsage, responsesUsageOf, usageIn } from '../wire/usage.ts';
import {
  endingOf,
  responseObject,
  type ResponseDraft,
  type Ending,
  type NewId,
} from './response-object.ts';
import {
  callFunction,
  closeItem,
  rendered,
  addEmptyMessage,
  appendText,
  writtenTexts,
  type Item,
  type OutputWriter,
} from './output-items.ts';

/** Has a sequence number; `type` is also the event's name on the wire. */
export type ResponsesEvent = JsonObject & { readonly type: string };

export interface Translation {
  /** `response.created` and `response.in_progress`. */
  begin(): readonly ResponsesEvent[];
  /** The events for one chat chunk. */
  push(chunk: JsonObject): readonly ResponsesEvent[];
  /** The same for one that brings this text, and is else like one before it. */
  pushText(text: string): readonly ResponsesEvent[];
  /** True after a finish reason: without one, an end is an interruption. */
  finished(): boolean;
  /** Closes every item; the last event carries the whole response. `completedAt` is in seconds. */
  end(completedAt: number): readonly ResponsesEvent[];
  /** `response.failed` with the items so far. */
  fail(code: string, message: string): readonly ResponsesEvent[];
  /** The response of the last lifecycle event. */
  response(): JsonObject;
}

export interface TranslationOptions {
  readonly draft: ResponseDraft;
  readonly newId: NewId;
  /** Counts usage when the upstream reports none. Without it such a response has none. */
  readonly countUsage?: UpstreamRequest['countUsage'];
}

export function translation({ draft, newId, countUsage }: TranslationOptions): Translation {
  const items: Item[] = [];
  const events = numbered();
  const writer: OutputWriter = {
    items,
    newId,
    namespaced: namespacesIn(objectsIn(draft.request['tools'])),
    emit: (type, members) => events.emit(type, members),
  };
  let finishReason: string | undefined;
  let usage: JsonObject | null = null;
  let response = responseObject(draft, [], { status: 'in_progress' });

  const settle = (type: string, ending: Ending): readonly ResponsesEvent[] => {
    const output = items.map((item, at) => rendered(item, statusAt(ending, at, items.length)));
    if (ending.status !== 'failed' && usage === null && countUsage !== undefined) {
      usage = responsesUsage(countUsage(items.flatMap(writtenTexts)));
    }
    response = responseObject(draft, output, ending, usage);
    events.emit(type, { response });
    return events.drain();
  };

  return {
    begin() {
      events.emit('response.created', { response });
      events.emit('response.in_progress', { response });
      return events.drain();
    },
    push(chunk) {
      const reported = usageIn(chunk);
      if (reported !== undefined) usage = responsesUsageOf(reported);
      // Only the first choice: `/v1/responses` has no `n`.
      const choice = firstChoice(chunk);
      if (choice !== undefined) {
        write(writer, choice);
        finishReason = choice.finishReason ?? finishReason;
      }
      return events.drain();
    },
    pushText(text) {
      appendText(writer, 'output_text', text);
      return events.drain();
    },
    finished: () => finishReason !== undefined,
    end(completedAt) {
      const ending = endingOf(finishReason, completedAt);
      const hasAnswer = items.some(({ kind }) => kind !== 'reasoning');
      if (ending.status === 'completed' && !hasAnswer) addEmptyMessage(writer);
      for (const [at, item] of items.entries()) {
        closeItem(writer, item, statusAt(ending, at, items.length));
      }
      const cut = ending.status === 'incomplete';
      return settle(cut ? 'response.incomplete' : 'response.completed', ending);
    },
    fail: (code, message) => settle('response.failed', { status: 'failed', code, message }),
    response: () => response,
  };
}

/** Numbers events in the order of writing. */
function numbered() {
  let queue: ResponsesEvent[] = [];
  let next = 0;
  return {
    emit(type: string, members: JsonObject): void {
      queue.push({ type, sequence_number: next, ...members });
      next += 1;
    },
    drain(): readonly ResponsesEvent[] {
      const events = queue;
      queue = [];
      return events;
    },
  };
}

/** Of a cut answer, the last item is the incomplete one. */
const statusAt = (ending: Ending, at: number, length: number): 'completed' | 'incomplete' =>
  ending.status === 'completed' || at < length - 1 ? 'completed' : 'incomplete';

/** Reasoning comes before text and calls, also within one chunk. */
function write(
  writer: OutputWriter,
  { reasoning, text, logprobs, refusal, calls }: ChatChoice,
): void {
  appendText(writer, 'reasoning_text', reasoning);
  appendText(writer, 'output_text', text, logprobs);
  appendText(writer, 'refusal', refusal);
  for (const piece of calls) callFunction(writer, piece);
}
