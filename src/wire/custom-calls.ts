/** Calls of functions that stand for custom tools, turned back: in a whole chat answer, and in a stream of one. */
import { UpstreamError } from '../core/errors.ts';
import type { StreamEvent } from '../core/upstream.ts';
import { isGiven, isObject, objectsIn, textIn, type JsonObject } from '../lib/json.ts';
import { INPUT, type AsFunctions } from './custom-as-functions.ts';
import { dataEvent, type EventStep } from './events.ts';

type Custom = AsFunctions['custom'];

/** @throws UpstreamError `bad_answer` where the input of a call is none, or not of its grammar */
export const withCustomCalls = (body: JsonObject, custom: Custom): JsonObject => ({
  ...body,
  choices: objectsIn(body['choices']).map((choice) => withCalls(choice, custom)),
});

function withCalls(choice: JsonObject, custom: Custom): JsonObject {
  const { message } = choice;
  const calls = objectsIn(isObject(message) ? message['tool_calls'] : undefined);
  if (!isObject(message) || calls.length === 0) return choice;
  const isCut = choice['finish_reason'] === 'length';
  const turned = calls.map((call) => customCall(call, custom, isCut));
  return { ...choice, message: { ...message, tool_calls: turned } };
}

function customCall(call: JsonObject, custom: Custom, isCut: boolean): JsonObject {
  const { function: called, ...others } = call;
  if (!isObject(called)) return call;
  const name = textIn(called['name']);
  if (!custom.has(name)) return call;
  const input = inputIn({ name, args: textIn(called['arguments']) }, custom, isCut);
  return { ...others, type: 'custom', custom: { name, input } };
}

interface Called {
  readonly name: string;
  readonly args: string;
}

/** What is cut has what came of it, and is of no grammar. */
function inputIn({ name, args }: Called, custom: Custom, isCut: boolean): string {
  const input = inputOf(args) ?? (isCut ? begunInput(args) : undefined);
  if (input === undefined)
    throw badInput(name, `its arguments are not \`{"${INPUT}": "…"}\`, which it was asked for`);
  const found = isCut ? undefined : custom.get(name)?.(input);
  if (found === 'differs') throw badInput(name, 'its input does not match the grammar of the tool');
  if (found === 'unknown')
    throw badInput(name, 'its input is too long to be checked against the grammar of the tool');
  return input;
}

const badInput = (name: string, why: string): UpstreamError =>
  new UpstreamError('bad_answer', `The model called the custom tool '${name}', and ${why}.`);

function inputOf(args: string): string | undefined {
  try {
    const value: unknown = JSON.parse(args);
    if (typeof value === 'string') return value;
    const input = isObject(value) ? value[INPUT] : undefined;
    return typeof input === 'string' ? input : undefined;
  } catch {
    return undefined;
  }
}

/** The longest escape, `\u1234`, may be cut anywhere. */
const MOST_CUT = 6;

function begunInput(args: string): string {
  for (let cut = 0; cut < MOST_CUT; cut += 1) {
    const input = inputOf(`${args.slice(0, args.length - cut)}"}`);
    if (input !== undefined) return input;
  }
  return '';
}

/** One call of a stream while its pieces come. */
interface HeldCall {
  readonly index: number;
  id: string;
  name: string;
  args: string;
  /** What is no custom call goes on as it came. */
  isLet: boolean;
}

/** A custom call goes out in one piece, before the chunk that ends its choice: until then its input is no text, and unchecked. */
export function customCallsStep(custom: Custom): EventStep {
  const held = new Map<number, Map<number, HeldCall>>();
  const callsOf = (choice: number): Map<number, HeldCall> => {
    const calls = held.get(choice) ?? new Map<number, HeldCall>();
    held.set(choice, calls);
    return calls;
  };
  const push = (event: StreamEvent): StreamEvent | readonly StreamEvent[] => {
    const { data } = event;
    if (event.text !== undefined || data === undefined) return event;
    const choices = objectsIn(data['choices']);
    if (!choices.some((choice) => isAboutCalls(choice, held))) return event;
    const before: JsonObject[] = [];
    const after = choices.flatMap((choice) => {
      const calls = callsOf(indexOf(choice));
      const rest = withoutHeld(choice, calls, custom);
      if (isGiven(choice['finish_reason']) && calls.size > 0)
        before.push(...lastPieces(choice, calls, custom));
      return rest;
    });
    const { usage: _usage, ...envelope } = data;
    return [
      ...(before.length === 0 ? [] : [dataEvent({ ...envelope, choices: before })]),
      ...(after.length === 0 && !isGiven(data['usage'])
        ? []
        : [dataEvent({ ...data, choices: after })]),
    ];
  };
  return { push };
}

const indexOf = ({ index }: JsonObject): number => (typeof index === 'number' ? index : 0);

const isAboutCalls = (
  choice: JsonObject,
  held: ReadonlyMap<number, ReadonlyMap<number, HeldCall>>,
): boolean => {
  const { delta, finish_reason: reason } = choice;
  if (isObject(delta) && objectsIn(delta['tool_calls']).length > 0) return true;
  return isGiven(reason) && (held.get(indexOf(choice))?.size ?? 0) > 0;
};

/** The choice without the pieces that are held; nothing where nothing is left of it. */
function withoutHeld(
  choice: JsonObject,
  calls: Map<number, HeldCall>,
  custom: Custom,
): readonly JsonObject[] {
  const { delta } = choice;
  if (!isObject(delta)) return [choice];
  const { tool_calls: pieces, ...said } = delta;
  const sent = objectsIn(pieces);
  if (sent.length === 0) return [choice];
  const released = sent.flatMap((piece, place) => letPiece(piece, place, { calls, custom }));
  const isOver = isGiven(choice['finish_reason']);
  if (released.length === 0 && !isOver && Object.values(said).every((value) => !isGiven(value)))
    return [];
  return [{ ...choice, delta: released.length === 0 ? said : { ...said, tool_calls: released } }];
}

interface Holding {
  readonly calls: Map<number, HeldCall>;
  readonly custom: Custom;
}

/** Until the name of a call is known, it is held. */
function letPiece(
  piece: JsonObject,
  place: number,
  { calls, custom }: Holding,
): readonly JsonObject[] {
  const index = typeof piece['index'] === 'number' ? piece['index'] : place;
  const called = isObject(piece['function']) ? piece['function'] : {};
  const call = calls.get(index) ?? { index, id: '', name: '', args: '', isLet: false };
  calls.set(index, call);
  if (call.isLet) return [piece];
  call.id ||= textIn(piece['id']);
  call.name ||= textIn(called['name']);
  call.args += textIn(called['arguments']);
  if (call.name === '' || custom.has(call.name)) return [];
  call.isLet = true;
  return [functionPiece(call)];
}

const functionPiece = ({ index, id, name, args }: HeldCall): JsonObject => ({
  index,
  id,
  type: 'function',
  function: { name, arguments: args },
});

function lastPieces(
  choice: JsonObject,
  calls: Map<number, HeldCall>,
  custom: Custom,
): readonly JsonObject[] {
  const isCut = choice['finish_reason'] === 'length';
  const pieces = [...calls.values()]
    .filter(({ isLet }) => !isLet)
    .map((call) =>
      custom.has(call.name)
        ? {
            index: call.index,
            id: call.id,
            type: 'custom',
            custom: { name: call.name, input: inputIn(call, custom, isCut) },
          }
        : functionPiece(call),
    );
  calls.clear();
  if (pieces.length === 0) return [];
  return [{ ...choice, delta: { tool_calls: pieces }, finish_reason: null }];
}
