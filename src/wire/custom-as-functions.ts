/** A chat with custom tools as one with functions alone: for servers that know nothing else. Each becomes a function of one text. */
import { UpstreamError } from '../core/errors.ts';
import { isObject, objectsIn, textIn, type Json, type JsonObject } from '../lib/json.ts';
import {
  allowedTools,
  customTool,
  inputCheck,
  toolName,
  type CustomTool,
  type Grammar,
  type InputCheck,
} from './custom-tools.ts';

export interface AsFunctions {
  /** Members to set; undefined removes one. */
  readonly changes: Readonly<Record<string, Json | undefined>>;
  /** By its name, each tool whose calls are to be turned back, and what its input is checked by. */
  readonly custom: ReadonlyMap<string, InputCheck | undefined>;
}

/** Whether `asFunctions` changes anything. */
export const isForFunctions = ({ tools, tool_choice: choice, messages }: JsonObject): boolean =>
  anyIn(tools, isCustom) || hasOwnChoice(choice) || anyIn(messages, hasCustomCall);

/** Every chat is looked through: nothing is made for it. */
const anyIn = (list: Json | undefined, isOne: (item: JsonObject) => boolean): boolean =>
  Array.isArray(list) && list.some((item: Json) => isObject(item) && isOne(item));

const isCustom = ({ type }: JsonObject): boolean => type === 'custom';

const hasOwnChoice = (choice: Json | undefined): boolean =>
  isObject(choice) && (isCustom(choice) || choice['type'] === 'allowed_tools');

const hasCustomCall = ({ tool_calls: calls }: JsonObject): boolean => anyIn(calls, isCustomCall);

const isCustomCall = (call: JsonObject): boolean => isObject(call['custom']);

/**
 * Of `allowed_tools` the others are left out, which says the same.
 * @throws UpstreamError `not_capable` for a grammar that cannot be checked here
 */
export function asFunctions(body: JsonObject): AsFunctions {
  const allowed = allowedTools(body);
  const tools = allowed?.tools ?? objectsIn(body['tools']);
  const custom = new Map<string, InputCheck | undefined>();
  const functions = tools.map((tool) => {
    const own = customTool(tool);
    if (own === undefined) return tool;
    custom.set(own.name, own.grammar && checkOf(own.name, own.grammar));
    return asFunction(own);
  });
  const messages = objectsIn(body['messages']);
  return {
    changes: {
      ...(functions.length === 0 ? NO_TOOLS : offering(functions, body, allowed?.mode)),
      ...(messages.some(hasCustomCall) ? { messages: messages.map(withFunctionCalls) } : {}),
    },
    custom,
  };
}

const NO_TOOLS = { tools: undefined, tool_choice: undefined, parallel_tool_calls: undefined };

function offering(
  tools: readonly JsonObject[],
  { tool_choice: choice }: JsonObject,
  mode: 'auto' | 'required' | undefined,
): AsFunctions['changes'] {
  if (mode !== undefined) return { tools, tool_choice: mode };
  if (!isObject(choice) || !isCustom(choice)) return { tools };
  return { tools, tool_choice: { type: 'function', function: { name: toolName(choice) } } };
}

/** @throws UpstreamError `not_capable` */
function checkOf(name: string, grammar: Grammar): InputCheck {
  const check = inputCheck(grammar);
  if (check !== undefined) return check;
  throw new UpstreamError(
    'not_capable',
    `This upstream knows functions only, so that the input of the custom tool '${name}' would have to be checked here, and its grammar (${grammar.syntax}) cannot be: take a short regular expression without repeated groups, or ask a model whose upstream knows custom tools.`,
  );
}

function asFunction({ name, description, grammar }: CustomTool): JsonObject {
  const rule =
    grammar === undefined
      ? 'The whole input of the tool, as plain text.'
      : `The whole input of the tool, as plain text. All of it must match the regular expression ${grammar.definition}`;
  return {
    type: 'function',
    function: {
      name,
      ...(description === '' ? {} : { description }),
      parameters: {
        type: 'object',
        properties: { [INPUT]: { type: 'string', description: rule } },
        required: [INPUT],
        additionalProperties: false,
      },
    },
  };
}

/** The only argument of such a function. */
export const INPUT = 'input';

function withFunctionCalls(message: JsonObject): JsonObject {
  if (!hasCustomCall(message)) return message;
  return { ...message, tool_calls: objectsIn(message['tool_calls']).map(asFunctionCall) };
}

function asFunctionCall(call: JsonObject): JsonObject {
  const { custom, ...others } = call;
  if (!isObject(custom)) return call;
  const args = JSON.stringify({ [INPUT]: textIn(custom['input']) });
  return {
    ...others,
    type: 'function',
    function: { name: textIn(custom['name']), arguments: args },
  };
}
