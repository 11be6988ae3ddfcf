/**
 * Chat chunks in, events of `/v1/messages` out. One state machine serves streams and whole answers (a whole answer is
 * one chunk), so that both have the same content.
 */
import { UpstreamError } from '../core/errors.ts';
import type { UpstreamRequest } from '../core/upstream.ts';
import { isObject, objectsIn, textIn, type Json, type JsonObject } from '../lib/json.ts';
import { firstChoice } from '../wire/chat-choice.ts';
import { fittedToolId } from '../wire/tool-ids.ts';
import { messagesUsage, messagesUsageOf, usageIn } from '../wire/usage.ts';
import { blockWriter, inputOf, rendered } from './content-blocks.ts';
import { own } from '../lib/own.ts';

export interface Translation {
  /** `message_start`. */
  begin(): readonly JsonObject[];
  /** The events that one chat chunk gives rise to. */
  push(chunk: JsonObject): readonly JsonObject[];
  /** The same for one that brings this text, and is else like one before it. */
  pushText(text: string): readonly JsonObject[];
  /** True once a finish reason was seen: without one, an end is an interruption. */
  finished(): boolean;
  /** Closes every block; then `message_delta` with the stop reason and the usage, and `message_stop`. */
  end(): readonly JsonObject[];
  /** The whole answer, after `end`. */
  message(): JsonObject;
}

export interface TranslationOptions {
  /** The request, as `/v1/messages` has it. */
  readonly request: JsonObject;
  readonly id: string;
  readonly model: string;
  readonly newId: (prefix: string) => string;
  /** For an upstream that reports no usage. */
  readonly countUsage?: UpstreamRequest['countUsage'];
}

/** Chat tells the usage at its end. */
const NO_USAGE = messagesUsage({ inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 });

const NOTHING_SAID = { content: [], stop_reason: null, stop_sequence: null, usage: NO_USAGE };

export function translation(options: TranslationOptions): Translation {
  const { request, id, model, newId, countUsage } = options;
  const blocks = blockWriter((given) => fittedToolId(given) || newId('toolu'));
  const showsThinking = asksForThinking(request);
  const unseen: string[] = [];
  let finish: string | undefined;
  let stopText: string | null = null;
  let usage: JsonObject | undefined;

  const envelope = { id, type: 'message', role: 'assistant', model } as const;
  const ending = (): Ending => endingOf(finish, stopText, blocks.blocks.some(isCall));
  return {
    begin: () => [{ type: 'message_start', message: { ...envelope, ...NOTHING_SAID } }],
    push(chunk) {
      usage = usageIn(chunk) ?? usage;
      const choice = firstChoice(chunk);
      if (choice === undefined) return [];
      const { reasoning, text, refusal, calls, finishReason } = choice;
      if (showsThinking) blocks.text('thinking', reasoning);
      else unseen.push(reasoning);
      blocks.text('text', text);
      blocks.text('text', refusal);
      for (const piece of calls) blocks.call(piece);
      finish = finishReason ?? finish;
      if (refusal !== '') finish = 'content_filter';
      stopText = stopIn(chunk, request['stop_sequences']) ?? stopText;
      return blocks.drain();
    },
    pushText(text) {
      blocks.text('text', text);
      return blocks.drain();
    },
    finished: () => finish !== undefined,
    end() {
      blocks.end();
      const texts = blocks.blocks.map(({ text }) => text);
      usage =
        usage === undefined
          ? countUsage && messagesUsage(countUsage([...unseen, ...texts]))
          : messagesUsageOf(usage);
      return [
        ...blocks.drain(),
        { type: 'message_delta', delta: ending(), usage: usage ?? NO_USAGE },
        { type: 'message_stop' },
      ];
    },
    message: () => ({
      ...envelope,
      content: blocks.blocks.map(rendered),
      ...ending(),
      usage: usage ?? NO_USAGE,
    }),
  };
}

const isCall = ({ kind }: { readonly kind: string }): boolean => kind === 'tool_use';

/** A caller that did not ask for thinking gets none, as with Anthropic's API. */
function asksForThinking({ thinking }: JsonObject): boolean {
  return isObject(thinking) && isGivenType(thinking['type']);
}

const isGivenType = (type: Json | undefined): boolean => type === 'enabled' || type === 'adaptive';

interface Ending extends JsonObject {
  readonly stop_reason: string;
  readonly stop_sequence: string | null;
}

function endingOf(finish: string | undefined, stopText: string | null, hasCall: boolean): Ending {
  if (finish === 'stop' && stopText !== null) {
    return { stop_reason: 'stop_sequence', stop_sequence: stopText };
  }
  const reason = own(REASONS, finish ?? '') ?? 'end_turn';
  // Several servers end a turn of calls with `stop`.
  const isCalling = hasCall && reason === 'end_turn';
  return { stop_reason: isCalling ? 'tool_use' : reason, stop_sequence: null };
}

const REASONS: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  function_call: 'tool_use',
  content_filter: 'refusal',
};

/** Chat does not say which text stopped it, but vLLM (`stop_reason`) and SGLang (`matched_stop`) do. */
function stopIn({ choices }: JsonObject, asked: Json | undefined): string | undefined {
  const [choice] = objectsIn(choices);
  const text = textIn(choice?.['stop_reason']) || textIn(choice?.['matched_stop']);
  return text !== '' && Array.isArray(asked) && asked.includes(text) ? text : undefined;
}

/** @throws UpstreamError for a whole answer whose calls nobody could run; one that was cut is passed on as such */
export function checkCalls(chat: JsonObject): void {
  const choice = firstChoice(chat);
  if (choice === undefined || choice.finishReason === 'length') return;
  if (choice.calls.every(({ args }) => inputOf(args) !== undefined)) return;
  throw new UpstreamError(
    'bad_answer',
    'The upstream called a tool with arguments that are no JSON object, which /v1/messages cannot carry.',
  );
}
