/** Answers of `/v1/messages` (Anthropic's API) as chat answers, whole and event by event. */
import type { Call } from '../../core/call.ts';
import type { Answer, StreamEvent } from '../../core/upstream.ts';
import { isObject, type Json, type JsonObject, objectsIn, textIn } from '../../lib/json.ts';
import { dataEvent, DONE, type EventStep } from '../../wire/events.ts';
import { usageChunk } from '../../wire/chat-answer.ts';
import { chatUsage, reportedUsage, type Reported } from '../../wire/usage.ts';
import { own } from '../../lib/own.ts';

const FINISH: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
};

const finishOf = (reason: Json | undefined): string => own(FINISH, textIn(reason)) ?? 'stop';

type Whole = Extract<Answer, { kind: 'whole' }>;

export function wholeChat(answer: Whole, call: Call): Whole {
  const { body: given } = answer;
  const content = objectsIn(given['content']);
  const join = (member: string): string => content.map((one) => textIn(one[member])).join('');
  const calls = content.flatMap(({ type, id, name, input }) =>
    type === 'tool_use' ? [toolCall(id, name, JSON.stringify(input ?? {}))] : [],
  );
  const text = join('text');
  const thinking = join('thinking');
  const message = {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    ...(thinking === '' ? {} : { reasoning_content: thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  const finish = finishOf(given['stop_reason']);
  const usage = usageOf(reportedUsage(given));
  const body: JsonObject = {
    ...envelope(call, given, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    ...(usage === undefined ? {} : { usage }),
  };
  return { ...answer, body, bytes: Buffer.from(JSON.stringify(body)) };
}

const toolCall = (id: Json | undefined, name: Json | undefined, args: string): JsonObject => ({
  id: textIn(id),
  type: 'function',
  function: { name: textIn(name), arguments: args },
});

const envelope = (call: Call, message: JsonObject, object: string): JsonObject => ({
  id: textIn(message['id']) || `chatcmpl-${call.id}`,
  object,
  created: Math.floor(call.receivedAtMs / 1000),
  model: textIn(message['model']),
});

function usageOf(reported: Reported | undefined): JsonObject | undefined {
  if (reported?.inputTokens === undefined || reported.outputTokens === undefined) return undefined;
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens } = reported;
  return chatUsage({ inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens });
}

/** The calls of a stream: one of whose arguments no piece came has those of its opening, `{}` as a rule. */
function toolPieces(chunk: (delta: JsonObject) => StreamEvent) {
  let index = -1;
  let unsaid: Json | undefined;
  const argumentsChunk = (args: string): StreamEvent =>
    chunk({ tool_calls: [{ index, function: { arguments: args } }] });
  return {
    open: ({ id, name, input }: JsonObject): StreamEvent => {
      index += 1;
      unsaid = input ?? {};
      return chunk({ tool_calls: [{ index, ...toolCall(id, name, '') }] });
    },
    piece: (args: string): StreamEvent => {
      if (args !== '') unsaid = undefined;
      return argumentsChunk(args);
    },
    close: (): readonly StreamEvent[] => {
      const args = unsaid;
      unsaid = undefined;
      return args === undefined ? [] : [argumentsChunk(JSON.stringify(args))];
    },
  };
}

/** How each of their events is written in chat. Pings have no counterpart there. */
export function chatChunks(call: Call): EventStep {
  let like: JsonObject = envelope(call, {}, 'chat.completion.chunk');
  let reported: Reported | undefined;
  const chunk = (delta: JsonObject, finish: string | null = null): StreamEvent =>
    dataEvent({ ...like, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] });
  const tools = toolPieces(chunk);

  const read: Readonly<Record<string, (data: JsonObject) => readonly StreamEvent[]>> = {
    message_start: ({ message }) => {
      like = envelope(call, isObject(message) ? message : {}, 'chat.completion.chunk');
      return [chunk({ role: 'assistant', content: '', refusal: null })];
    },
    content_block_start: ({ content_block: block }) =>
      isObject(block) && block['type'] === 'tool_use' ? [tools.open(block)] : [],
    content_block_delta: ({ delta }) => {
      if (!isObject(delta)) return [];
      if (delta['type'] === 'text_delta') return [chunk({ content: textIn(delta['text']) })];
      if (delta['type'] === 'thinking_delta') {
        return [chunk({ reasoning_content: textIn(delta['thinking']) })];
      }
      return delta['type'] === 'input_json_delta'
        ? [tools.piece(textIn(delta['partial_json']))]
        : [];
    },
    content_block_stop: () => tools.close(),
    message_delta: ({ delta }) =>
      isObject(delta) ? [chunk({}, finishOf(delta['stop_reason']))] : [],
    message_stop: () => {
      const usage = usageOf(reported);
      if (usage === undefined) return [DONE];
      const last = usageChunk(like, usage);
      // The caller did not ask for usage; the record's writer reads it from `data`, beside the bytes.
      return [call.wantsUsage ? last : { ...last, bytes: Buffer.alloc(0) }, DONE];
    },
  };
  return {
    push: ({ data = {} }) => {
      const said = reportedUsage(data);
      // The last event may leave out what the first one said.
      if (said !== undefined) {
        reported =
          said.inputTokens === undefined && reported !== undefined
            ? { ...reported, outputTokens: said.outputTokens }
            : said;
      }
      return read[textIn(data['type'])]?.(data) ?? [];
    },
  };
}
