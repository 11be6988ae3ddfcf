/** OpenAI's Responses API as a server with native support answers it, with its state. */
import type { Json, JsonObject } from '../../../src/lib/json.ts';
import { CREATED, type Shape } from './chat.ts';
import { piecesOf, type ToolCall } from './reply.ts';
import type { OutEvent } from './stream.ts';
import { figuresFor, responsesUsage } from './tokens.ts';

export function responseObject(shape: Shape): JsonObject {
  const figures = figuresFor(shape.behaviour.usage ?? 'asked', shape.reply.figures);
  return {
    ...skeleton(shape),
    status: 'completed',
    output: outputItems(shape),
    usage: figures === undefined ? null : responsesUsage(figures),
    ...shape.behaviour.extra,
  };
}

function skeleton({ body, id, model, behaviour }: Shape): JsonObject {
  return {
    id,
    object: 'response',
    created_at: CREATED,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    metadata: body['metadata'] ?? {},
    model,
    output: [],
    parallel_tool_calls: true,
    previous_response_id: body['previous_response_id'] ?? null,
    store: body['store'] ?? true,
    temperature: body['temperature'] ?? 1,
    text: body['text'] ?? { format: { type: 'text' } },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_p: body['top_p'] ?? 1,
    truncation: 'disabled',
    usage: null,
    ...behaviour.override,
  };
}

function outputItems({ reply, id }: Shape): readonly JsonObject[] {
  if (reply.calls.length > 0) return reply.calls.map((call) => callItem(call, 'completed'));
  return [messageItem(id, [contentPart(reply.text, reply.refusal)], 'completed')];
}

const messageItem = (id: string, content: readonly JsonObject[], status: string): JsonObject => ({
  id: `msg_${id}`,
  type: 'message',
  status,
  role: 'assistant',
  content,
});

const contentPart = (text: string, refusal: string | undefined): JsonObject =>
  refusal === undefined
    ? { type: 'output_text', text, annotations: [], logprobs: [] }
    : { type: 'refusal', refusal };

const callItem = (call: ToolCall, status: string): JsonObject => ({
  id: `fc_${call.id}`,
  type: 'function_call',
  status,
  call_id: call.id,
  name: call.name,
  arguments: status === 'completed' ? call.arguments : '',
});

/** Named events with rising sequence numbers, and no `[DONE]`. */
export function responseEvents(shape: Shape): readonly OutEvent[] {
  const started = skeleton(shape);
  const events: Typed[] = [
    { type: 'response.created', response: started },
    { type: 'response.in_progress', response: started },
    ...(shape.reply.calls.length > 0 ? callEvents(shape) : textEvents(shape)),
    { type: 'response.completed', response: responseObject(shape) },
  ];
  return events.map((event, index) => ({
    event: event.type,
    data: { ...event, sequence_number: index },
  }));
}

type Typed = JsonObject & { readonly type: string };

const deltaEvent = (type: string, at: JsonObject, delta: string): Typed => ({ ...at, type, delta });

function callEvents({ reply }: Shape): readonly Typed[] {
  return reply.calls.flatMap((call, index): readonly Typed[] => {
    const at = { item_id: `fc_${call.id}`, output_index: index };
    const pieces = call.arguments.match(/.{1,5}/gs) ?? [];
    return [
      {
        type: 'response.output_item.added',
        output_index: index,
        item: callItem(call, 'in_progress'),
      },
      ...pieces.map((delta) => deltaEvent('response.function_call_arguments.delta', at, delta)),
      {
        type: 'response.function_call_arguments.done',
        ...at,
        name: call.name,
        arguments: call.arguments,
      },
      { type: 'response.output_item.done', output_index: index, item: callItem(call, 'completed') },
    ];
  });
}

function textEvents({ reply, id }: Shape): readonly Typed[] {
  const kind = reply.refusal === undefined ? 'output_text' : 'refusal';
  const whole = reply.refusal ?? reply.text;
  const pieces = reply.refusal === undefined ? reply.pieces : piecesOf(whole);
  const at = { item_id: `msg_${id}`, output_index: 0, content_index: 0 };
  const empty = contentPart('', reply.refusal === undefined ? undefined : '');
  const full = contentPart(reply.text, reply.refusal);
  const logprobs = kind === 'output_text' ? { logprobs: [] } : {};
  const done: Json = kind === 'output_text' ? { text: whole } : { refusal: whole };
  return [
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: messageItem(id, [], 'in_progress'),
    },
    { type: 'response.content_part.added', ...at, part: empty },
    ...pieces.map((delta) => deltaEvent(`response.${kind}.delta`, { ...at, ...logprobs }, delta)),
    { type: `response.${kind}.done`, ...at, ...done, ...logprobs },
    { type: 'response.content_part.done', ...at, part: full },
    {
      type: 'response.output_item.done',
      output_index: 0,
      item: messageItem(id, [full], 'completed'),
    },
  ];
}
