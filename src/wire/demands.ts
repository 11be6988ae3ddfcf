/** What a request demands of the form of its answer, in any of the shapes of a chat. */
import type { Operation } from '../core/call.ts';
import { isObject, objectsIn, textIn, type JsonObject } from '../lib/json.ts';
import { allowedTools, customTool, toolName } from './custom-tools.ts';
import { flatTools } from './namespaces.ts';

export interface Demands {
  readonly json: 'no' | 'object' | 'schema';
  /** The JSON schema of the answer, where one was given. */
  readonly schema?: JsonObject;
  readonly tools: readonly OfferedTool[];
  /** A call is demanded: of any tool, or of the one that is named. */
  readonly mustCall?: { readonly name?: string };
}

interface OfferedTool {
  readonly name: string;
  readonly schema?: JsonObject;
  /** A plain function: others have arguments of their own kind. */
  readonly isFunction: boolean;
}

export function demandsOf(operation: Operation, body: JsonObject): Demands {
  const text = isObject(body['text']) ? body['text']['format'] : undefined;
  const must = mustCall(body);
  return {
    ...formatOf(operation === 'responses' ? text : body['response_format']),
    tools: [
      ...flatTools(allowedTools(body)?.tools ?? objectsIn(body['tools'])).map(offered),
      ...objectsIn(body['functions']).map(plain),
    ],
    ...(must === undefined ? {} : { mustCall: must }),
  };
}

function formatOf(format: unknown): Pick<Demands, 'json' | 'schema'> {
  if (!isJsonObject(format)) return { json: 'no' };
  if (format['type'] === 'json_object') return { json: 'object' };
  if (format['type'] !== 'json_schema') return { json: 'no' };
  // chat has it inside of `json_schema`, responses beside the type
  const holder = isJsonObject(format['json_schema']) ? format['json_schema'] : format;
  const { schema } = holder;
  return isJsonObject(schema) ? { json: 'schema', schema } : { json: 'object' };
}

const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Chat nests a function's members, responses and `/v1/messages` do not. */
function offered(tool: JsonObject): OfferedTool {
  const nested = tool['function'];
  const type = textIn(tool['type']);
  if (isObject(nested)) return plain(nested);
  if (customTool(tool) !== undefined) return { name: toolName(tool), isFunction: false };
  return { ...plain(tool), isFunction: type === 'function' || isObject(tool['input_schema']) };
}

function plain(tool: JsonObject): OfferedTool {
  const schema = tool['parameters'] ?? tool['input_schema'];
  return {
    name: textIn(tool['name']),
    ...(isObject(schema) ? { schema } : {}),
    isFunction: true,
  };
}

function mustCall(body: JsonObject): Demands['mustCall'] {
  const { tool_choice: choice } = body;
  if (choice === 'required') return {};
  if (!isObject(choice)) return undefined;
  const { type } = choice;
  if (type === 'any') return {};
  if (type === 'allowed_tools') return allowedTools(body)?.mode === 'required' ? {} : undefined;
  if (type !== 'function' && type !== 'tool' && type !== 'custom') return undefined;
  const name = toolName(choice);
  return name === '' ? {} : { name };
}
