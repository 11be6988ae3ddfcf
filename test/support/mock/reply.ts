/** The content of a mock's answer, before any wire shape: text, tool calls or a refusal. */
import { isObject, type Json, type JsonObject } from '../../../src/lib/json.ts';
import type { AnswerBehaviour, UsageFigures } from './behaviour.ts';
import { withoutMarker } from './behaviour.ts';
import { listOf, stringOf } from './json.ts';
import { textOf, type MockRequest } from './request.ts';
import { valueFor } from './schema-value.ts';
import { countTokens } from './tokens.ts';

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

export interface Reply {
  readonly text: string;
  readonly pieces: readonly string[];
  readonly refusal: string | undefined;
  readonly reasoning: string | undefined;
  readonly calls: readonly ToolCall[];
  /** Of a chat: `stop`, `tool_calls`, `length`… */
  readonly finishReason: string;
  readonly figures: UsageFigures;
}

interface Tool {
  readonly name: string;
  readonly parameters: Json | undefined;
}

export type Say = (request: MockRequest) => string;

export function replyTo(request: MockRequest, behaviour: AnswerBehaviour, say: Say): Reply {
  const calls = behaviour.refusal === undefined ? callsFor(request, behaviour) : [];
  const text =
    calls.length > 0 || behaviour.refusal !== undefined
      ? ''
      : (behaviour.text ?? behaviour.pieces?.join('') ?? structured(request.body) ?? say(request));
  const pieces = behaviour.pieces ?? piecesOf(text);
  const written = calls.map((call) => call.arguments).join('') + text + (behaviour.refusal ?? '');
  return {
    text,
    pieces,
    refusal: behaviour.refusal,
    reasoning: behaviour.reasoning,
    calls,
    finishReason: behaviour.finishReason ?? finishOf(request.body, calls),
    figures: {
      prompt: countTokens(promptText(request.body)),
      completion: countTokens(written) * choicesOf(request.body),
      cached: 0,
      reasoning: countTokens(behaviour.reasoning ?? ''),
    },
  };
}

export function choicesOf(body: JsonObject): number {
  return typeof body['n'] === 'number' ? body['n'] : 1;
}

/** Words with the space before them: joined, they are the text. */
export function piecesOf(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

function promptText(body: JsonObject): string {
  const turns = body['messages'] ?? body['input'] ?? body['prompt'];
  return textOf(turns) + textOf(body['instructions']);
}

/** JSON that fits the schema asked for, in either API's place for it. */
function structured(body: JsonObject): string | undefined {
  const text = isObject(body['text']) ? body['text'] : {};
  const format = body['response_format'] ?? text['format'];
  if (!isObject(format)) return undefined;
  if (format['type'] === 'json_object') return '{"answer":"text"}';
  if (format['type'] !== 'json_schema') return undefined;
  const holder = isObject(format['json_schema']) ? format['json_schema'] : format;
  return JSON.stringify(valueFor(holder['schema']));
}

function callsFor(request: MockRequest, behaviour: AnswerBehaviour): readonly ToolCall[] {
  const tools = toolsOf(request.body);
  const wanted = behaviour.tools ?? chosenTools(request, tools).map(({ name }) => ({ name }));
  return wanted.map((call, index) => {
    const given = 'arguments' in call ? call.arguments : undefined;
    const schema = tools.find((tool) => tool.name === call.name)?.parameters;
    const value = given ?? valueFor(schema);
    return {
      id: `call_${index}_${call.name}`,
      name: call.name,
      arguments: typeof value === 'string' ? value : JSON.stringify(value),
    };
  });
}

/** Tools in chat's shape (`{function: {…}}`) or the Responses API's flat one, or the old `functions`. */
function toolsOf(body: JsonObject): readonly Tool[] {
  return listOf(body['tools'] ?? body['functions'])
    .filter(isObject)
    .flatMap((tool) => {
      const holder = isObject(tool['function']) ? tool['function'] : tool;
      const name = holder['name'];
      return typeof name === 'string' ? [{ name, parameters: holder['parameters'] }] : [];
    });
}

/**
 * A named choice calls that tool; `required` the first; `auto` every tool that the user names, but none
 * when the conversation already ends in a tool's result.
 */
function chosenTools(request: MockRequest, tools: readonly Tool[]): readonly Tool[] {
  const choice = request.body['tool_choice'] ?? request.body['function_call'];
  if (choice === 'none' || tools.length === 0 || endsInToolAnswer(request.body)) return [];
  if (isObject(choice)) {
    const holder = isObject(choice['function']) ? choice['function'] : choice;
    return tools.filter((tool) => tool.name === holder['name']);
  }
  if (choice === 'required') return tools.slice(0, 1);
  return tools.filter((tool) => request.text.includes(tool.name));
}

function endsInToolAnswer(body: JsonObject): boolean {
  const last = listOf(body['messages'] ?? body['input']).at(-1);
  if (!isObject(last)) return false;
  return (
    ['tool', 'function'].includes(stringOf(last['role'])) || last['type'] === 'function_call_output'
  );
}

/** OpenAI ends a forced named call with `stop`. */
function finishOf(body: JsonObject, calls: readonly ToolCall[]): string {
  if (calls.length === 0) return 'stop';
  if (body['functions'] !== undefined) return 'function_call';
  return isObject(body['tool_choice']) ? 'stop' : 'tool_calls';
}

/** The default text: the mock's name and the request's text. */
export const sayBack =
  (name: string): Say =>
  (request) =>
    `${name} answers: ${withoutMarker(request.text).slice(0, 200) || 'nothing was asked'}`;
