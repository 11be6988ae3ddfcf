/** Translates a `/v1/responses` request to an equivalent chat request. */
import { UpstreamError } from '../core/errors.ts';
import { isGiven, isObject, type Json, type JsonObject, objectsIn, textIn } from '../lib/json.ts';
import {
  allowedTools,
  chatCustomTool,
  customTool,
  isBinding,
  isHosted,
} from '../wire/custom-tools.ts';
import { flatTools } from '../wire/namespaces.ts';
import { responsesToMessages } from '../wire/responses-to-chat.ts';

/** Members of a request without a counterpart in chat, and the feature that would be lost. */
const UNTRANSLATABLE: Readonly<Record<string, string>> = {
  conversation: 'conversations kept by the server',
  background: 'background responses',
  prompt: 'stored prompts',
};

const isAsked = (value: Json | undefined): boolean => isGiven(value) && value !== false;

/**
 * Members that chat lacks, or has under another name: translated here, or without effect (`include`, `truncation`). All others
 * mean the same in both, or are unknown, and are passed on.
 */
const OWN = new Set([
  ...Object.keys(UNTRANSLATABLE),
  'input',
  'instructions',
  'previous_response_id',
  'store',
  'include',
  'truncation',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'max_tool_calls',
  'max_output_tokens',
  'text',
  'reasoning',
  'top_logprobs',
  'stream',
  'stream_options',
  'context_management',
  // Codex says where it runs; strict servers refuse a chat with it.
  'client_metadata',
]);

/**
 * `conversation`: every item so far, including the new ones. Throws `not_capable` for anything that would be lost, so that an
 * upstream with native `/responses` is asked instead.
 */
export function toChatBody(body: JsonObject, conversation: readonly JsonObject[]): JsonObject {
  for (const [member, what] of Object.entries(UNTRANSLATABLE)) {
    if (isAsked(body[member]))
      throw notCapable(`\`${member}\` (${what})`, `leave \`${member}\` out`);
  }
  const { messages, lost } = responsesToMessages({
    instructions: body['instructions'] ?? null,
    input: conversation,
  });
  if (lost.length > 0) {
    throw notCapable(
      `input of the kind ${lost.map((kind) => `\`${kind}\``).join(', ')}`,
      'send text, images by URL, files as data, function calls and their outputs only',
    );
  }
  const chat: Draft = { messages };
  for (const [member, value] of Object.entries(body)) if (!OWN.has(member)) chat[member] = value;
  addTools(body, chat);
  addFormat(body['text'], chat);
  addReasoning(body['reasoning'], chat);
  addLogprobs(body, chat);
  if (isGiven(body['max_output_tokens'])) chat['max_completion_tokens'] = body['max_output_tokens'];
  if (body['stream'] === true) {
    chat['stream'] = true;
    chat['stream_options'] = { include_usage: true };
  }
  return chat;
}

type Draft = Record<string, Json | undefined>;

function addTools(body: JsonObject, chat: Draft): void {
  const { sent, choice } = offeredTools(body);
  if (sent.length === 0) return;
  chat['tools'] = sent.map(asChatTool);
  if (choice !== undefined) chat['tool_choice'] = choice;
  if (typeof body['parallel_tool_calls'] === 'boolean') {
    chat['parallel_tool_calls'] = body['parallel_tool_calls'];
  }
}

/** The types of the tools that `toChatBody` leaves out. */
export const toolsLeftOut = (body: JsonObject): readonly string[] =>
  offeredTools(body).leftOut.map(({ type }) => textIn(type));

interface Offered {
  readonly sent: readonly JsonObject[];
  readonly leftOut: readonly JsonObject[];
  readonly choice: Json | undefined;
}

/** A hosted tool beside others that need not be called is left out: only sent here where none that may be asked has it (`reachable-targets.ts`). */
function offeredTools(body: JsonObject): Offered {
  const allowed = allowedTools(body);
  const choice = allowed?.mode ?? asToolChoice(body['tool_choice']);
  const tools = flatTools(allowed?.tools ?? objectsIn(body['tools']));
  const others = tools.filter((tool) => !isHosted(tool));
  if (others.length === 0 || isBinding(choice)) return { sent: tools, leftOut: [], choice };
  return { sent: others, leftOut: tools.filter(isHosted), choice };
}

function asChatTool(tool: JsonObject, index: number): JsonObject {
  const type = textIn(tool['type']);
  const custom = customTool(tool);
  if (custom === undefined && type !== 'function') {
    throw notCapable(`the tool \`${type}\``, 'use functions and custom tools only');
  }
  if (textIn(tool['name']) === '') {
    const hint = isObject(tool['function'])
      ? " Here a function's name and parameters stand beside its 'type', not below 'function'."
      : '';
    throw missing(`tools[${index}].name`, hint);
  }
  if (custom !== undefined) return chatCustomTool(custom);
  const definition: Draft = { name: tool['name'] };
  for (const member of ['description', 'parameters', 'strict']) {
    if (isGiven(tool[member])) definition[member] = tool[member];
  }
  return { type: 'function', function: definition };
}

function asToolChoice(choice: Json | undefined): Json | undefined {
  if (!isGiven(choice) || typeof choice === 'string') return choice ?? undefined;
  if (!isObject(choice)) return undefined;
  if (choice['type'] === 'function') {
    return { type: 'function', function: { name: choice['name'] } };
  }
  if (choice['type'] === 'custom') return { type: 'custom', custom: { name: choice['name'] } };
  throw notCapable(
    `\`tool_choice\` of the type \`${textIn(choice['type'])}\``,
    'name a function or a custom tool',
  );
}

function addFormat(text: Json | undefined, chat: Draft): void {
  if (!isObject(text)) return;
  if (isGiven(text['verbosity'])) chat['verbosity'] = text['verbosity'];
  const format = text['format'];
  if (!isObject(format)) return;
  const { type } = format;
  if (type === 'text') return;
  if (type === 'json_object') {
    chat['response_format'] = { type };
    return;
  }
  if (type !== 'json_schema') {
    throw notCapable(
      `\`text.format\` of the type \`${textIn(type)}\``,
      'make it `text`, `json_object` or `json_schema`',
    );
  }
  if (!isObject(format['schema'])) {
    const hint = isObject(format['json_schema'])
      ? " Here the name and the schema stand beside 'type', not below 'json_schema'."
      : '';
    throw missing('text.format.schema', hint);
  }
  const schema: Draft = {};
  for (const member of ['name', 'description', 'schema', 'strict']) {
    if (isGiven(format[member])) schema[member] = format[member];
  }
  chat['response_format'] = { type: 'json_schema', json_schema: schema };
}

function addReasoning(reasoning: Json | undefined, chat: Draft): void {
  if (isObject(reasoning) && isGiven(reasoning['effort'])) {
    chat['reasoning_effort'] = reasoning['effort'];
  }
}

function addLogprobs(body: JsonObject, chat: Draft): void {
  const include = Array.isArray(body['include']) ? (body['include'] as readonly Json[]) : [];
  if (!include.includes('message.output_text.logprobs')) return;
  chat['logprobs'] = true;
  if (typeof body['top_logprobs'] === 'number') chat['top_logprobs'] = body['top_logprobs'];
}

/** What a server that speaks `/responses` would refuse, too: no other is asked. */
function missing(param: string, hint: string): UpstreamError {
  const message = `Missing required parameter: '${param}'.${hint}`;
  return new UpstreamError('rejected', message, {
    status: 400,
    wire: { message, type: 'invalid_request_error', param, code: 'missing_required_parameter' },
  });
}

const notCapable = (what: string, instead: string): UpstreamError =>
  new UpstreamError(
    'not_capable',
    `This upstream answers /v1/responses by way of chat, which cannot carry ${what}: ${instead}, or ask a model whose upstream serves /v1/responses itself.`,
  );
