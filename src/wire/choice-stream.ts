/** Follows the choices of one chat or completion stream: puts right what a server says in its own way, and knows when all have ended. */
import { isGiven, isObject, textIn, type Json, type JsonObject } from '../lib/json.ts';
import { finishReasonOf } from './finish-reason.ts';
import { withPlainContent } from './plain-content.ts';
import { numberedCalls } from './whole-to-stream.ts';
import {
  callSorter,
  jsonScan,
  type CallSorter,
  type JsonScan,
  type PlacedPiece,
} from './tool-call-pieces.ts';

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
  /** The stream ends with this event, although the connection may stay open. */
  isLast(data: JsonObject): boolean;
  /** Ends with `data: [DONE]`. */
  readonly hasDone: boolean;
}

export interface ChoiceStreamOptions {
  readonly isChat: boolean;
  /** Gives an id for a tool call that has none. */
  readonly newCallId: () => string;
}

interface ChoiceState {
  readonly calls: CallSorter;
  /** `function_call`, as old servers stream it. */
  oldCall: JsonScan | undefined;
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
  const stateOf = (index: number): ChoiceState => {
    const known = states.get(index);
    if (known !== undefined) return known;
    const state: ChoiceState = {
      calls: callSorter(options.newCallId),
      oldCall: undefined,
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
      let isChanged = false;
      const choices = (list as readonly Json[]).map((choice: Json, place) => {
        if (!isObject(choice)) return choice;
        const index = indexOf(choice, place);
        const said = isChat ? asChat(choice) : choice;
        const read = readChoice(said, stateOf(index));
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
    isLast: () => false,
    hasDone: true,
  };
}

/** Servers leave it out where there is one choice, or write it as a text. */
function indexOf({ index }: JsonObject, place: number): number {
  if (typeof index === 'number') return index;
  return typeof index === 'string' && /^\d{1,3}$/.test(index) ? Number(index) : place;
}

/** A chat's text that stands where completions have theirs. */
const asChat = (choice: JsonObject): JsonObject =>
  typeof choice['text'] === 'string' && !isObject(choice['delta']) && !isObject(choice['message'])
    ? { ...choice, delta: { role: '', content: choice['text'] } }
    : choice;

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
function readChoice(choice: JsonObject, state: ChoiceState): JsonObject {
  const delta = choice['delta'];
  const { message } = choice;
  const isDelta = isObject(delta) || !isObject(message);
  // A server that streams by putting its whole answer into one event.
  const given = isDelta || !isObject(message) ? delta : numberedCalls(message);
  const read = isObject(given) ? withRole(readDelta(given, state), state) : given;
  if (textIn(choice['text']) !== '') state.hasSpoken = true;
  const reason = newReason(choice, state);
  const isSame = reason === (choice['finish_reason'] ?? null) && read === delta;
  if (isSame) return choice;
  const { message: _message, ...others } = choice;
  const kept = isDelta && message !== undefined ? { ...others, message } : others;
  return { ...kept, ...(read === undefined ? {} : { delta: read }), finish_reason: reason };
}

/** Null too for a reason that was given before: clients that add up what they get would have it twice. */
function newReason(choice: JsonObject, state: ChoiceState): string | null {
  const reason = finishReasonOf(choice);
  if (reason === undefined || reason === state.finishReason) return null;
  state.finishReason = reason;
  return reason;
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

/** An empty role becomes the assistant's where it is the first; a delta without any is left as it came. */
function withRole(delta: JsonObject, state: ChoiceState): JsonObject {
  if (state.hasRole) return delta;
  state.hasRole = true;
  const isEmpty = 'role' in delta && textIn(delta['role']) === '';
  return isEmpty ? { ...delta, role: 'assistant' } : delta;
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
  if (!Array.isArray(sent) || sent.length === 0) return delta;
  state.hasSpoken = true;
  const toolCalls = sortedCalls(sent, state.calls);
  return toolCalls === undefined ? delta : { ...delta, tool_calls: toolCalls };
}

function isSomething(value: Json | undefined): boolean {
  if (Array.isArray(value) || typeof value === 'string') return value.length > 0;
  return isGiven(value);
}

/** Undefined where every piece is as it should be. */
function sortedCalls(sent: readonly Json[], calls: CallSorter): readonly Json[] | undefined {
  let isChanged = false;
  const sorted = sent.flatMap((call: Json, position) => {
    // A custom tool's input is no JSON, and says nothing about its end.
    if (!isObject(call) || !isObject(call['function'])) return [call];
    const index = call['index'];
    // Several in one event are numbered by their places, if by nothing else.
    const place = sent.length > 1 ? position : undefined;
    const args = call['function']['arguments'];
    const placed = calls.place({
      index: typeof index === 'number' ? index : place,
      id: textIn(call['id']),
      name: textIn(call['function']['name']),
      args: isObject(args) ? JSON.stringify(args) : textIn(args),
    });
    const [only] = placed;
    if (placed.length === 1 && only !== undefined && isAsSent(call, only)) return [call];
    isChanged = true;
    return placed.map((piece) => written(piece, call));
  });
  return isChanged ? sorted : undefined;
}

function isAsSent(call: JsonObject, piece: PlacedPiece): boolean {
  const sent = isObject(call['function']) ? call['function'] : {};
  const args = sent['arguments'];
  if (call['index'] !== piece.index || textIn(sent['name']) !== piece.name) return false;
  if (isGiven(args) && typeof args !== 'string') return false;
  // An id that is repeated in each piece of its call confuses nobody.
  return piece.isFirst ? call['id'] === piece.id : true;
}

function written({ index, isFirst, id, name, args }: PlacedPiece, call: JsonObject): JsonObject {
  const { id: _id, type: _type, function: _function, ...others } = call;
  return {
    ...others,
    index,
    ...(isFirst ? { id, type: 'function' } : {}),
    function: { ...(name === '' ? {} : { name }), arguments: args },
  };
}
