/** A chat with custom tools as one with functions alone: for servers that know nothing else. Each becomes a function of one text. */
import { UpstreamError } from '../core/errors.ts';
import { isObject, objectsIn, textIn, type Json, type JsonObject } from '../lib/json.ts';
import { allowedTools, customTool, toolName, type CustomTool } from './custom-tools.ts';
import { inputCheck, type Grammar, type InputCheck } from './tool-grammars.ts';

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
  const checkable = inputCheck(grammar);
  if ('check' in checkable) return checkable.check;
  throw new UpstreamError(
    'not_capable',
    `This upstream knows functions only, so that the input of the custom tool '${name}' would have to be checked here, and its grammar cannot be: ${checkable.why}. Ask a model whose upstream knows custom tools.`,
  );
}

function asFunction({ name, description, grammar }: CustomTool): JsonObject {
  return {
    type: 'function',
    function: {
      name,
      ...(description === '' ? {} : { description }),
      parameters: {
        type: 'object',
        properties: { [INPUT]: { type: 'string', description: ruleOf(grammar) } },
        required: [INPUT],
        additionalProperties: false,
      },
    },
  };
}

function ruleOf(grammar: Grammar | undefined): string {
  const plain = 'The whole input of the tool, as plain text.';
  if (grammar === undefined) return plain;
  const { syntax, definition } = grammar;
  return syntax === 'lark'
    ? `${plain} All of it must be of this grammar, in the notation of Lark:\n${definition}`
    : `${plain} All of it must match the regular expression ${definition}`;
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
