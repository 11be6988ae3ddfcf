/**
 * The words of packed records in the database. Each writer has a dictionary of its own, under a number that no other has, so that
 * several processes may write to one file; its words are written in the transaction of the first records that use them.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { UsageRecord } from '../../core/record.ts';
import {
  fromBytes,
  recordIn,
  recordReaderOf,
  ROW_SHAPE,
  type ReadRecord,
} from '../write-behind/packed-rows.ts';

/** Words by place, beginning with `from`: those that came since the last batch. */
export interface NewWords {
  readonly from: number;
  readonly words: readonly string[];
}

export interface WrittenWords {
  /** All so far, by place. */
  readonly words: readonly string[];
  /** @throws Error where words before them are missing: this thread has not seen them, and all have to be sent */
  take(more: NewWords): void;
  /** Within a transaction. Gives the dictionary's number. */
  write(): number;
  /** What became of the transaction. */
  ended(isCommitted: boolean): void;
}

/** Before a dictionary's words stands what its writer's rows are made of. */
const SHAPE_PLACE = -1;

export function writtenWords(db: DatabaseSync): WrittenWords {
  const words: string[] = [];
  let dictionary: number | undefined;
  let durable = SHAPE_PLACE;
  /** How many this transaction has written; undefined: it has no records. */
  let writing: number | undefined;
  const next = db.prepare('SELECT coalesce(max(dictionary), 0) + 1 AS next FROM words');
  const insert = db.prepare('INSERT INTO words (dictionary, place, word) VALUES (?, ?, ?)');
  return {
    words,
    take: ({ from, words: more }) => {
      if (from > words.length)
        throw new Error('The words of the records before are missing; they are sent again.');
      for (const word of more.slice(words.length - from)) words.push(word);
    },
    write: () => {
      dictionary ??= Number(next.get()?.['next']);
      for (let place = durable; place < words.length; place += 1) {
        insert.run(dictionary, place, place === SHAPE_PLACE ? ROW_SHAPE : words[place]!);
      }
      writing = words.length;
      return dictionary;
    },
    ended: (isCommitted) => {
      // Words of records that a full disk refused stay to be written, whatever else is committed meanwhile.
      if (isCommitted) durable = writing ?? durable;
      // what was not committed may be another's number by now
      else if (durable === SHAPE_PLACE) dictionary = undefined;
      writing = undefined;
    },
  };
}

/** A row of `records` as it is selected. */
export interface StoredRow {
  readonly record?: unknown;
  readonly packed?: unknown;
  readonly dictionary?: unknown;
}

export const RECORD_COLUMNS = 'record, packed, dictionary';

/** Reads records of every writer, and those that older versions wrote as JSON. */
export function recordReader(db: DatabaseSync): (row: StoredRow) => UsageRecord {
  const select = db.prepare('SELECT place, word FROM words WHERE dictionary = ? ORDER BY place');
  const known = new Map<number, Writer>();
  const load = (dictionary: number): Writer => {
    const rows = select.all(dictionary);
    const shape = rows[0]?.['place'] === SHAPE_PLACE ? rows.shift()?.['word'] : undefined;
    const read = shape === undefined ? recordIn : recordReaderOf(String(shape));
    const writer = { words: rows.map(({ word }) => String(word)), read };
    known.set(dictionary, writer);
    return writer;
  };
  return ({ record, packed, dictionary: number }) => {
    if (!(packed instanceof Uint8Array)) return JSON.parse(String(record));
    const dictionary = Number(number);
    const row = fromBytes(packed);
    const readBy = ({ read, words }: Writer): UsageRecord => read(row, words);
    try {
      return readBy(known.get(dictionary) ?? load(dictionary));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // its writer has added words since
      return readBy(load(dictionary));
    }
  };
}

interface Writer {
  readonly words: readonly string[];
  readonly read: ReadRecord;
}
