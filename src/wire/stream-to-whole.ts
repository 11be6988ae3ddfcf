/** Puts the events of a stream together into the whole answer that they are pieces of. */
import type { Operation } from '../core/call.ts';
import { isGiven, isObject, objectsIn, type Json, type JsonObject } from '../lib/json.ts';

export interface WholeBuilder {
  add(data: JsonObject): void;
  /** After the last event. */
  whole(): JsonObject;
}

/** A stream of `/v1/responses` ends with its whole answer; those of chat and completions must be added up. */
export const wholeBuilder = (operation: Operation): WholeBuilder =>
  operation === 'responses' ? lastResponse() : sumOfChunks(operation === 'chat');

function lastResponse(): WholeBuilder {
  let response: JsonObject = {};
  return {
    add: (data) => {
      if (isObject(data['response'])) response = data['response'];
    },
    whole: () => response,
  };
}

type Draft = { [member: string]: DraftValue | undefined };
type DraftValue = null | boolean | number | string | DraftValue[] | Draft;

function sumOfChunks(isChat: boolean): WholeBuilder {
  const sum: Draft = {};
  const choices = new Map<number, Draft>();
  return {
    add: ({ choices: list, ...members }) => {
      for (const name in members) {
        const value = members[name];
        if (value !== undefined && value !== null) sum[name] = draftOf(value);
      }
      for (const { index, delta, finish_reason: reason, ...said } of objectsIn(list)) {
        const at = typeof index === 'number' ? index : 0;
        const choice = choices.get(at) ?? { index: at };
        choices.set(at, choice);
        addMembers(choice, isChat ? { ...said, message: delta ?? {} } : said);
        if (isGiven(reason)) choice['finish_reason'] = draftOf(reason ?? null);
      }
    },
    whole: () => ({
      ...sum,
      object: isChat ? 'chat.completion' : 'text_completion',
      choices: [...choices.values()]
        .toSorted((a, b) => Number(a['index']) - Number(b['index']))
        .map(withoutCallIndexes),
    }),
  };
}

/** Members that say the same in each piece, and are not to be joined. */
const REPEATED: ReadonlySet<string> = new Set(['id', 'type', 'role', 'index']);

function addMembers(into: Draft, from: JsonObject): void {
  for (const name in from) {
    const value = from[name];
    if (value === undefined) continue;
    const before = into[name] ?? null;
    if (before === null || REPEATED.has(name)) into[name] = begun(value ?? before);
    else if (value !== null) into[name] = joined(before, value);
  }
}

function joined(before: NonNullable<DraftValue>, value: Json): DraftValue {
  if (typeof before === 'string' && typeof value === 'string') return before + value;
  if (Array.isArray(before) && Array.isArray(value)) addItems(before, value);
  else if (isDraft(before) && isObject(value)) addMembers(before, value);
  else return draftOf(value);
  return before;
}

/** A list's first piece may hold several pieces of one item. */
function begun(value: Json): DraftValue {
  if (!Array.isArray(value)) return draftOf(value);
  const list: DraftValue[] = [];
  addItems(list, value);
  return list;
}

/** Items with an index are pieces of the item that has it; others are new ones. */
function addItems(into: DraftValue[], from: readonly Json[]): void {
  for (const item of from) {
    const index = isObject(item) ? item['index'] : undefined;
    const known =
      typeof index === 'number'
        ? into.find((one) => isDraft(one) && one['index'] === index)
        : undefined;
    if (isObject(item) && isDraft(known)) addMembers(known, item);
    else into.push(draftOf(item));
  }
}

const isDraft = (value: DraftValue | undefined): value is Draft => isObject(value);

function draftOf(value: Json): DraftValue {
  if (typeof value !== 'object' || value === null) return value;
  if (!isObject(value)) return value.map(draftOf);
  const draft: Draft = {};
  for (const name in value) {
    const member = value[name];
    if (member !== undefined) draft[name] = draftOf(member);
  }
  return draft;
}

/** The calls of a whole answer are numbered by their places. */
function withoutCallIndexes(choice: Draft): Draft {
  const { message } = choice;
  if (!isDraft(message) || !Array.isArray(message['tool_calls'])) return choice;
  for (const call of message['tool_calls']) if (isDraft(call)) delete call['index'];
  return choice;
}
