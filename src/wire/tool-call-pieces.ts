/**
 * Tells the parallel tool calls of one choice apart. OpenAI numbers the pieces of a call and gives its first
 * one an id; other servers number all calls 0, begin with 1, or leave out numbers, ids, or both.
 */

import { unitAt } from '../lib/text-units.ts';

/** A piece of a call as a server sent it; texts are empty where it said nothing. */
export interface SentPiece {
  readonly index: number | undefined;
  readonly id: string;
  readonly name: string;
  readonly args: string;
}

/** A piece as OpenAI would have sent it: `id` and `name` are given with the first piece of a call only. */
export interface PlacedPiece extends SentPiece {
  readonly index: number;
  readonly isFirst: boolean;
}

export interface CallSorter {
  /** Several pieces where one piece holds the arguments of several calls. */
  place(piece: SentPiece): readonly PlacedPiece[];
  /** At least one call was begun. */
  hasCalls(): boolean;
  /** The numbers of the calls of whose arguments nothing came. */
  withoutArguments(): readonly number[];
  /** The arguments of every call have ended. */
  areWhole(): boolean;
}

interface KnownCall {
  readonly sentIndex: number | undefined;
  readonly sentId: string;
  readonly index: number;
  readonly id: string;
  name: string;
  readonly args: JsonScan;
}

/**
 * Makes the ids of one answer's tool calls out of the id of the call that is answered. At most 40 characters
 * with the 32 hexadecimal digits of such an id: OpenAI takes no longer ones.
 */
export function toolCallIds(callId: string): () => string {
  let made = 0;
  return () => `call_${callId.replace(/^req_/, '')}_${(made += 1)}`;
}

/** @param newId gives an id that no other call has, for a call without one. */
export function callSorter(newId: () => string): CallSorter {
  const calls = new KnownCalls();
  const begin = ({ index, id, name }: SentPiece): KnownCall => {
    const call: KnownCall = {
      sentIndex: index,
      sentId: id,
      index: calls.all.length,
      id: id === '' || calls.hasId(id) ? newId() : id,
      name,
      args: jsonScan(),
    };
    calls.add(call);
    return call;
  };

  return {
    place: (piece) => {
      const known = calls.continuedBy(piece);
      let call = known ?? begin(piece);
      let isFirst = known === undefined;
      let { args } = piece;
      const placed: PlacedPiece[] = [];
      for (;;) {
        const length = call.args.read(args);
        const isNamed = isFirst || call.name === '';
        if (call.name === '') call.name = piece.name;
        const name = isNamed ? call.name : '';
        if (isFirst || length > 0 || args === '') {
          const id = isFirst ? call.id : '';
          placed.push({ index: call.index, id, name, args: args.slice(0, length), isFirst });
        }
        args = args.slice(length);
        if (args === '') return placed;
        call = begin({ ...piece, id: '', name: piece.name || call.name });
        isFirst = true;
      }
    },
    hasCalls: () => calls.all.length > 0,
    withoutArguments: () =>
      calls.all.filter(({ args }) => args.isEmpty()).map(({ index }) => index),
    areWhole: () => calls.all.every((call) => call.args.isWhole()),
  };
}

/** Found without a search of all: an answer may hold tens of thousands. */
class KnownCalls {
  readonly all: KnownCall[] = [];
  readonly #ids = new Set<string>();
  /** The last of each. */
  readonly #bySentIndex = new Map<number, KnownCall>();
  readonly #bySentId = new Map<string, KnownCall>();
  readonly #bySentBoth = new Map<string, KnownCall>();

  add(call: KnownCall): void {
    const { sentIndex, sentId, id } = call;
    this.all.push(call);
    this.#ids.add(id);
    this.#bySentId.set(sentId, call);
    if (sentIndex === undefined) return;
    this.#bySentIndex.set(sentIndex, call);
    this.#bySentBoth.set(`${sentIndex} ${sentId}`, call);
  }

  hasId(id: string): boolean {
    return this.#ids.has(id);
  }

  /** The call that a piece continues; undefined for the first piece of a call. */
  continuedBy({ index, id, name }: SentPiece): KnownCall | undefined {
    const last = index === undefined ? this.all.at(-1) : this.#bySentIndex.get(index);
    if (id !== '') {
      const same =
        index === undefined ? this.#bySentId.get(id) : this.#bySentBoth.get(`${index} ${id}`);
      // Some servers make a new id for each piece: only arguments that have not ended can go on.
      return same ?? (name === '' && last?.args.isWhole() === false ? last : undefined);
    }
    const isAnother = last !== undefined && last.name !== '' && name !== '' && name !== last.name;
    return isAnother ? undefined : last;
  }
}

/** Follows JSON text piece by piece, up to the end of its object or array. */
export interface JsonScan {
  /** How much of the text belongs to this value: all of it, unless another object begins behind its end. */
  read(text: string): number;
  /** An object or an array has begun and ended. */
  isWhole(): boolean;
  /** Nothing but blanks came. */
  isEmpty(): boolean;
}

export function jsonScan(): JsonScan {
  let depth = 0;
  let hasEnded = false;
  let isInString = false;
  let isEscaped = false;
  let isEmpty = true;
  const readBetween = (unit: number): void => {
    if (unit === QUOTE) isInString = true;
    const change = DEPTH_CHANGE.get(unit);
    if (change === undefined) return;
    depth += change;
    hasEnded ||= depth === 0;
  };
  /** The place behind the mark that ends the string, or escapes what follows. */
  const afterMark = (text: string, from: number): number => {
    MARK.lastIndex = from;
    const [mark] = MARK.exec(text) ?? [];
    if (mark === undefined) return text.length;
    if (mark === '"') isInString = false;
    else isEscaped = true;
    return MARK.lastIndex;
  };
  return {
    read: (text) => {
      isEmpty &&= text.trim() === '';
      for (let at = 0; at < text.length;) {
        const unit = unitAt(text, at);
        if (isEscaped) {
          isEscaped = false;
          at += 1;
        } else if (isInString) at = afterMark(text, at);
        else if (hasEnded && unit === OPEN_BRACE) return at;
        else {
          readBetween(unit);
          at += 1;
        }
      }
      return text.length;
    },
    isWhole: () => hasEnded,
    isEmpty: () => isEmpty,
  };
}

const QUOTE = 34;
const OPEN_BRACE = 123;
const MARK = /["\\]/g;

/** By UTF-16 unit: braces and brackets. */
const DEPTH_CHANGE: ReadonlyMap<number, number> = new Map([
  [OPEN_BRACE, 1],
  [91, 1],
  [125, -1],
  [93, -1],
]);
