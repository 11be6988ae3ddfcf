/** Names of tools as the clouds take them, the same in tools, choices and earlier calls, and turned back in the answer. */
import { createHash } from 'node:crypto';
import { isObject, textIn, type Json, type JsonObject } from '../lib/json.ts';

/** OpenAI's limit ("string does not match pattern '^[a-zA-Z0-9_-]+$'"), which DeepSeek, Mistral and others share; MCP lets a name have dots and slashes. */
const LONGEST = 64;
const TAKEN = /^[\w-]{1,64}$/;
const OTHERS = /[^\w-]/g;

/** Of a digest, so that no two names become the same. */
const DIGITS = 8;

type Rename = (name: string) => string;

export interface FittedNames {
  /** The members of the request that change. */
  readonly changes: JsonObject;
  /** An answer, or an event of one, with the caller's names; the very same object where it has none of them. */
  readonly turnBack: (answer: JsonObject) => JsonObject;
}

/** Undefined where every name is taken as it is. */
export function fittedNames(body: JsonObject): FittedNames | undefined {
  if (!mayName(body)) return undefined;
  const names = namesIn(body);
  const fitted = fittedAll(names);
  if (fitted.size === 0) return undefined;
  const back = new Map([...fitted].map(([name, short]) => [short, name]));
  const sent = renamedMembers(body, (name) => fitted.get(name) ?? name);
  const changes = Object.entries(sent).filter(([member, value]) => value !== body[member]);
  return {
    changes: Object.fromEntries(changes),
    turnBack: (answer) => renamedMembers(answer, (short) => back.get(short) ?? short),
  };
}

/** Whether a request holds a tool or a call at all: most do not, and are looked through no further. */
function mayName({ tools, functions, messages, input }: JsonObject): boolean {
  if (Array.isArray(tools) || Array.isArray(functions)) return true;
  const turns = messages ?? input;
  return Array.isArray(turns) && turns.some(isCalling);
}

const isCalling = (turn: Json): boolean =>
  isObject(turn) &&
  (turn['tool_calls'] !== undefined ||
    turn['function_call'] !== undefined ||
    CALLABLE.has(textIn(turn['type'])));

function namesIn(body: JsonObject): ReadonlySet<string> {
  const names = new Set<string>();
  renamedMembers(body, (name) => {
    names.add(name);
    return name;
  });
  return names;
}

/** By each name that is not taken, the one that is sent: the same in every turn that offers the same tools. */
function fittedAll(names: ReadonlySet<string>): ReadonlyMap<string, string> {
  const unfit = [...names].filter((name) => name !== '' && !TAKEN.test(name));
  const plain = unfit.map((name) => name.replaceAll(OTHERS, '_'));
  const isAlone = (short: string): boolean =>
    short.length <= LONGEST &&
    !names.has(short) &&
    plain.indexOf(short) === plain.lastIndexOf(short);
  return new Map(
    unfit.map((name, at) => {
      const short = plain[at] ?? '';
      return [name, isAlone(short) ? short : told(short, name)];
    }),
  );
}

const told = (short: string, name: string): string =>
  `${short.slice(0, LONGEST - DIGITS - 1)}_${createHash('sha256').update(name).digest('hex').slice(0, DIGITS)}`;

/** Members in which tools and their calls stand, in a request, an answer and an event. A tool's parameters are not among them. */
const WITHIN: ReadonlySet<string> = new Set([
  'tools',
  'functions',
  'tool_choice',
  'allowed_tools',
  'function_call',
  'function',
  'custom',
  'messages',
  'tool_calls',
  'input',
  'choices',
  'message',
  'delta',
  'response',
  'output',
  'item',
]);

/** The types of what has the name of one of the caller's tools. A hosted server's tools have names of their own. */
const CALLABLE: ReadonlySet<string> = new Set([
  'function',
  'custom',
  'namespace',
  'function_call',
  'custom_tool_call',
  'response.function_call_arguments.done',
]);

const NAMES: ReadonlySet<string> = new Set(['name', 'namespace']);

function renamed(value: Json, rename: Rename): Json {
  if (Array.isArray(value)) {
    const list: readonly Json[] = value;
    const now = list.map((one) => renamed(one, rename));
    return now.some((one, at) => one !== list[at]) ? now : value;
  }
  return isObject(value) ? renamedMembers(value, rename) : value;
}

function renamedMembers(holder: JsonObject, rename: Rename): JsonObject {
  const hasName = isNamed(holder);
  let changed: Record<string, Json | undefined> | undefined;
  for (const member in holder) {
    const value = holder[member];
    if (value === undefined) continue;
    let now = value;
    if (WITHIN.has(member)) now = renamed(value, rename);
    else if (hasName && NAMES.has(member) && typeof value === 'string') now = rename(value);
    if (now !== value) (changed ??= { ...holder })[member] = now;
  }
  return changed ?? holder;
}

/** A message has the name of a person, but for that of a tool's result. */
function isNamed({ role, type }: JsonObject): boolean {
  if (role !== undefined && role !== 'tool' && role !== 'function') return false;
  return type === undefined || CALLABLE.has(textIn(type));
}
