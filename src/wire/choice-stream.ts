/** Follows the choices of one chat or completion stream: puts right what a server says in its own way, and knows when all have ended. */
import { isGiven, isObject, textIn, type Json, type JsonObject } from '../lib/json.ts';
import { finishReasonOf, reasonOfChoice } from './finish-reason.ts';
import { withPlainContent } from './plain-content.ts';
import { emptyArguments, joinedPieces, sortedCalls, withoutIdleCalls } from './sorted-calls.ts';
import { numberedCalls } from './whole-to-stream.ts';
import { callSorter, jsonScan, type CallSorter, type JsonScan } from './tool-call-pieces.ts';

export interface Completeness {
  /** Reads an event, and gives it as OpenAI would have sent it: the very same object where nothing is wrong. */
  see(data: JsonObject): JsonObject;
  /** Everything that was begun has ended. */
  isComplete(): boolean;
  /**
   * An event with the ends that the server left out, for a stream that it closed with `[DONE]`; undefined where
   * what was begun is not whole, or nothing was.
   */
  closing(): JsonObject | undefined;
  /** The event that was read last is like those behind it that differ in their text alone: it was no choice's first one. */
  isAlike(): boolean;
  /** The stream ends with this event, although the connection may stay open. */
  isLast(data: JsonObject): boolean;
  /** Ends with `data: [DONE]`. */
  readonly hasDone: boolean;
}

export interface ChoiceStreamOptions {
  readonly isChat: boolean;
  /** Gives an id for a tool call that has none. */
  readonly newCallId: () => string;
  /** The caller named the function to call: OpenAI's reason is `stop` then. */
  readonly isCallForced: boolean;
}

interface ChoiceState {
  readonly calls: CallSorter;
  /** `function_call`, as old servers stream it. */
  oldCall: JsonScan | undefined;
  /** Tools were called, custom ones too. */
  hasCalled: boolean;
  /** Something was said that is an answer: reasoning alone is none. */
  hasSpoken: boolean;
  finishReason: string | undefined;
  /** The first delta has been read, from which clients take the role. */
  hasRole: boolean;
}

/** One finish reason for every choice that was begun (with `n` choices, `n` of them). */
export function choiceStream(options: ChoiceStreamOptions): Completeness {
  const { isChat } = options;
  const states = new Map<number, ChoiceState>();
  let last: JsonObject | undefined;
  let isAlike = true;
  const stateOf = (index: number): ChoiceState => {
    const known = states.get(index);
    if (known !== undefined) return known;
    const state: ChoiceState = {
      calls: callSorter(options.newCallId),
      oldCall: undefined,
      hasCalled: false,
      hasSpoken: false,
      finishReason: undefined,
      hasRole: !isChat,
    };
    states.set(index, state);
    return state;
  };
  const unfinished = () => [...states].filter(([, state]) => state.finishReason === undefined);

  return {
    see: (data) => {
      const list = data['choices'];
      if (!Array.isArray(list)) return isObject(data['usage']) ? { ...data, choices: [] } : data;
      last = data;
      isAlike = true;
      let isChanged = false;
      const choices = (list as readonly Json[]).map((choice: Json, place) => {
        if (!isObject(choice)) return choice;
        const index = indexOf(choice, place);
        const said = isChat ? asChat(choice) : choice;
        const state = stateOf(index);
        isAlike &&= state.hasRole;
        const read = readChoice(said, state, options);
        isChanged ||= read !== choice || choice['index'] !== index;
        return read['index'] === index ? read : Object.assign({}, read, { index });
      });
      return isChanged ? { ...data, choices } : data;
    },
    isComplete: () => states.size > 0 && unfinished().length === 0,
    closing: () => {
      const open = unfinished();
      if (last === undefined || states.size === 0) return undefined;
      if (!open.every(([, state]) => isWhole(state))) return undefined;
      const { usage: _usage, ...like } = last;
      const choices = open.map(([index, state]) => endOf(index, state, options));
      return { ...like, choices };
    },
    isAlike: () => isAlike,
    isLast: () => false,
    hasDone: true,
  };
}

/** Servers leave it out where there is one choice, or write it as a text. */
function indexOf({ index }: JsonObject, place: number): number {
  if (typeof index === 'number') return index;
  return typeof index === 'string' && /^\d{1,3}$/.test(index) ? Number(index) : place;
}

/** A chat's text that stands where completions have theirs; a delta that is null or left out says nothing. */
function asChat(choice: JsonObject): JsonObject {
  if (isObject(choice['delta']) || isObject(choice['message'])) return choice;
  const text = choice['text'];
  return { ...choice, delta: typeof text === 'string' ? { content: text } : {} };
}

const isWhole = ({ hasSpoken, calls, oldCall }: ChoiceState): boolean =>
  hasSpoken && calls.areWhole() && oldCall?.isWhole() !== false;

function endOf(index: number, state: ChoiceState, { isChat }: ChoiceStreamOptions): JsonObject {
  const nothing = isChat ? { delta: {} } : { text: '' };
  return { index, ...nothing, logprobs: null, finish_reason: reasonOf(state) };
}

function reasonOf({ calls, oldCall }: ChoiceState): string {
  if (calls.hasCalls()) return 'tool_calls';
  return oldCall === undefined ? 'stop' : 'function_call';
}

/** The choice as OpenAI would have sent it: the very same object where nothing is wrong with it. */
function readChoice(
  choice: JsonObject,
  state: ChoiceState,
  options: ChoiceStreamOptions,
): JsonObject {
  const delta = choice['delta'];
  const { message } = choice;
  // A server that streams by putting its whole answer into one event.
  const isMessage = !isObject(delta) && isObject(message);
  const given = isMessage ? numberedCalls(message) : delta;
  const said = isObject(given) ? withRole(readDelta(given, state), state) : undefined;
  if (textIn(choice['text']) !== '') state.hasSpoken = true;
  const reason = newReason(choice, state, options);
  const read = said === undefined ? delta : withArguments(said, reason, state);
  if (reason === (choice['finish_reason'] ?? null) && read === delta) return choice;
  const { message: _message, ...others } = choice;
  const kept = isMessage || message === undefined ? others : { ...others, message };
  return { ...kept, ...(read === undefined ? {} : { delta: read }), finish_reason: reason };
}

/** Null too for a reason that was given before: clients that add up what they get would have it twice. */
function newReason(
  choice: JsonObject,
  state: ChoiceState,
  { isChat, isCallForced }: ChoiceStreamOptions,
): string | null {
  const given = finishReasonOf(choice);
  if (given === undefined) return null;
  const reason = isChat ? reasonOfChoice(given, { ...state, isCallForced }) : given;
  if (state.finishReason !== undefined && reason === state.finishReason) return null;
  state.finishReason = reason;
  return reason;
}

/** With its end, a call of whose arguments nothing came gets some. */
function withArguments(delta: JsonObject, reason: string | null, state: ChoiceState): JsonObject {
  if (reason !== 'tool_calls' && reason !== 'stop') return delta;
  const missing = emptyArguments(state.calls);
  if (missing.length === 0) return delta;
  const sent: Json | undefined = delta['tool_calls'];
  const pieces = [...(Array.isArray(sent) ? (sent as readonly Json[]) : []), ...missing];
  return { ...delta, tool_calls: joinedPieces(pieces) };
}

/** Members of a delta that are no answer by themselves. */
const SILENT: ReadonlySet<string> = new Set([
  'role',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'thinking',
  'tool_calls',
]);

/** The first delta names the assistant, in which OpenAI's SDK for Node insists; the others do not, which its SDK for Python adds up. */
function withRole(delta: JsonObject, state: ChoiceState): JsonObject {
  if (state.hasRole) {
    if (!isGiven(delta['role'])) return delta;
    const { role: _role, ...others } = delta;
    return others;
  }
  state.hasRole = true;
  return textIn(delta['role']) === '' ? { ...delta, role: 'assistant' } : delta;
}

function readDelta(sentDelta: JsonObject, state: ChoiceState): JsonObject {
  const delta = withPlainContent(sentDelta);
  for (const member in delta) {
    if (!SILENT.has(member) && isSomething(delta[member])) state.hasSpoken = true;
  }
  const old = delta['function_call'];
  if (isObject(old)) {
    state.oldCall ??= jsonScan();
    state.oldCall.read(textIn(old['arguments']));
  }
  const sent = delta['tool_calls'];
  if (!Array.isArray(sent)) return delta;
  if (sent.length === 0) return withoutIdleCalls(delta);
  state.hasSpoken = true;
  state.hasCalled = true;
  const toolCalls = sortedCalls(sent, state.calls);
  return toolCalls === undefined ? delta : { ...delta, tool_calls: toolCalls };
}

function isSomething(value: Json | undefined): boolean {
  if (Array.isArray(value) || typeof value === 'string') return value.length > 0;
  return isGiven(value);
}
