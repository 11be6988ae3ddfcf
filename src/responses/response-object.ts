/** Builds the Responses object: the fixed part from the request, the items from a chat answer. */
import { isObject, type Json, type JsonObject, objectsIn } from '../lib/json.ts';

/** Makes unique ids: `newId('msg')` gives `msg_…`. */
export type NewId = (prefix: string) => string;

export interface ResponseDraft {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly model: string;
  readonly request: JsonObject;
}

export type Ending =
  | { readonly status: 'in_progress' }
  | { readonly status: 'completed'; readonly completedAt: number }
  | { readonly status: 'incomplete'; readonly reason: 'max_output_tokens' | 'content_filter' }
  | { readonly status: 'failed'; readonly code: string; readonly message: string };

/** Every member that OpenAI's schema requires, and those that clients echo or check. */
export function responseObject(
  draft: ResponseDraft,
  output: readonly JsonObject[],
  ending: Ending,
  usage: JsonObject | null = null,
): JsonObject {
  return {
    id: draft.id,
    object: 'response',
    created_at: draft.createdAt,
    model: draft.model,
    output,
    // OpenAI's schema has no null for it: omitted until known.
    ...(usage === null ? {} : { usage }),
    ...endingMembers(ending),
    ...requestMembers(draft.request),
  };
}

const endingMembers = (ending: Ending): JsonObject => ({
  status: ending.status,
  completed_at: ending.status === 'completed' ? ending.completedAt : null,
  error: ending.status === 'failed' ? { code: ending.code, message: ending.message } : null,
  incomplete_details: ending.status === 'incomplete' ? { reason: ending.reason } : null,
});

/** Defaults of members that the caller leaves out or sets to null. */
const DEFAULTS: JsonObject = {
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  parallel_tool_calls: true,
  previous_response_id: null,
  store: true,
  temperature: 1,
  tool_choice: 'auto',
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
  metadata: {},
};

/** The request's members that the response echoes. */
function requestMembers(request: JsonObject): JsonObject {
  const told: Record<string, Json | undefined> = {};
  for (const [member, absent] of Object.entries(DEFAULTS)) told[member] = request[member] ?? absent;
  return {
    ...told,
    background: false,
    service_tier: 'default',
    reasoning: reasoningOf(request['reasoning']),
    text: textFormat(request['text']),
    tools: objectsIn(request['tools']).map(fullTool),
  };
}

function reasoningOf(reasoning: Json | undefined): JsonObject {
  const asked = isObject(reasoning) ? reasoning : {};
  return { effort: asked['effort'] ?? null, summary: asked['summary'] ?? null };
}

function textFormat(text: Json | undefined): JsonObject {
  const asked = isObject(text) ? text : {};
  return { ...asked, format: asked['format'] ?? { type: 'text' } };
}

/** Fills in the optional members of a function tool, as OpenAI does. */
const fullTool = (tool: JsonObject): JsonObject =>
  tool['type'] === 'custom'
    ? { ...tool, format: tool['format'] ?? { type: 'text' } }
    : { ...tool, parameters: tool['parameters'] ?? null, strict: tool['strict'] ?? true };

/** Maps a chat finish reason to a response's status. Named tool calls end with `stop` or `tool_calls`: both are complete. */
export function endingOf(finishReason: string | undefined, completedAt: number): Ending {
  if (finishReason === 'length') return { status: 'incomplete', reason: 'max_output_tokens' };
  if (finishReason === 'content_filter') return { status: 'incomplete', reason: 'content_filter' };
  return { status: 'completed', completedAt };
}

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export const textPart = (
  text: string,
  logprobs: readonly JsonObject[] = [],
  annotations: readonly JsonObject[] = [],
): JsonObject => ({ type: 'output_text', text, annotations, logprobs });

export const refusalPart = (refusal: string): JsonObject => ({ type: 'refusal', refusal });

export const reasoningPart = (text: string): JsonObject => ({ type: 'reasoning_text', text });

export const messageItem = (
  id: string,
  status: ItemStatus,
  content: readonly JsonObject[],
): JsonObject => ({ id, type: 'message', status, role: 'assistant', content });

export const reasoningItem = (
  id: string,
  status: ItemStatus,
  content: readonly JsonObject[],
): JsonObject => ({ id, type: 'reasoning', status, summary: [], content });

export interface FunctionCall {
  readonly id: string;
  readonly callId: string;
  readonly name: string;
  /** Empty for none. */
  readonly namespace: string;
  readonly arguments: string;
}

export const customCallItem = (
  {
    id,
    callId,
    name,
    input,
    ...more
  }: Omit<FunctionCall, 'arguments'> & { readonly input: string },
  status: ItemStatus,
): JsonObject => ({
  id,
  type: 'custom_tool_call',
  status,
  call_id: callId,
  name,
  ...namespaceOf(more),
  input,
});

const namespaceOf = ({ namespace }: Pick<FunctionCall, 'namespace'>): JsonObject =>
  namespace === '' ? {} : { namespace };

export const functionCallItem = (call: FunctionCall, status: ItemStatus): JsonObject => ({
  id: call.id,
  type: 'function_call',
  status,
  call_id: call.callId,
  name: call.name,
  ...namespaceOf(call),
  arguments: call.arguments,
});
