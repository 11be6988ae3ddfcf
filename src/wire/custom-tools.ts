/** Custom tools, which take one text in place of JSON arguments: what a request offers of them, in chat's shape and in that of responses. */
import { isGiven, isObject, objectsIn, textIn, type Json, type JsonObject } from '../lib/json.ts';
import { inputCheck, type Grammar } from './tool-grammars.ts';

export interface CustomTool {
  readonly name: string;
  readonly description: string;
  readonly grammar?: Grammar;
}

/** Undefined for a tool of another type. Chat has its members below `custom`, responses beside the type. */
export function customTool(tool: JsonObject): CustomTool | undefined {
  if (tool['type'] !== 'custom') return undefined;
  const { name, description, format } = isObject(tool['custom']) ? tool['custom'] : tool;
  const grammar = grammarIn(format);
  return {
    name: textIn(name),
    description: textIn(description),
    ...(grammar === undefined ? {} : { grammar }),
  };
}

function grammarIn(format: Json | undefined): Grammar | undefined {
  if (!isObject(format) || format['type'] !== 'grammar') return undefined;
  const { syntax, definition } = isObject(format['grammar']) ? format['grammar'] : format;
  return { syntax: textIn(syntax), definition: textIn(definition) };
}

/** As chat has it. */
export function chatCustomTool({ name, description, grammar }: CustomTool): JsonObject {
  return {
    type: 'custom',
    custom: {
      name,
      ...(description === '' ? {} : { description }),
      ...(grammar === undefined ? {} : { format: { type: 'grammar', grammar: { ...grammar } } }),
    },
  };
}

/** Whether a server that knows only functions can be asked for it, and its input checked here. */
export const canBeFunction = ({ grammar }: CustomTool): boolean =>
  grammar === undefined || 'check' in inputCheck(grammar);

export interface AllowedTools {
  readonly tools: readonly JsonObject[];
  readonly mode: 'auto' | 'required';
}

/** Those of the offered tools that a `tool_choice` of the type `allowed_tools` names; undefined for any other choice. */
export function allowedTools({ tools, tool_choice: choice }: JsonObject): AllowedTools | undefined {
  if (!isObject(choice) || choice['type'] !== 'allowed_tools') return undefined;
  const { tools: named, mode } = isObject(choice['allowed_tools'])
    ? choice['allowed_tools']
    : choice;
  if (!Array.isArray(named)) return undefined;
  const keys = new Set(objectsIn(named).map(keyOf));
  return {
    tools: objectsIn(tools).filter((tool) => keys.has(keyOf(tool))),
    mode: mode === 'required' ? 'required' : 'auto',
  };
}

/** A hosted tool has no name: it is named by its type, or by the label of its server. */
function keyOf(tool: JsonObject): string {
  const type = textIn(tool['type']);
  return `${type} ${toolName(tool) || textIn(tool['server_label'])}`;
}

/** Of a tool in the shape of responses: whether the provider of the model runs it. */
export const isHosted = (tool: JsonObject): boolean => {
  const type = textIn(tool['type']);
  return type !== 'function' && type !== 'namespace' && customTool(tool) === undefined;
};

/** Whether a choice of tools demands a call. */
export const isBinding = (choice: Json | undefined): boolean =>
  choice === 'required' || isObject(choice);

/** Of a tool or of a choice of one. Empty where it has none. */
export function toolName(tool: JsonObject): string {
  for (const member of ['function', 'custom']) {
    const nested = tool[member];
    if (isObject(nested) && isGiven(nested['name'])) return textIn(nested['name']);
  }
  return textIn(tool['name']);
}
