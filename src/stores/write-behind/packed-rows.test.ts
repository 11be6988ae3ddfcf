import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aRecord } from '../../../test/support/record.ts';
import { anyRecord } from '../../../test/support/record-arbitrary.ts';
import type { UsageRecord } from '../../core/record.ts';
import { RECORD } from '../../core/record-fields.ts';
import { countRecord, placedIn } from '../../figures/count.ts';
import { COUNTED } from '../../figures/counted.ts';
import { Figures } from '../../figures/figures.ts';
import { Packer, Unpacker } from '../../lib/packing/packer.ts';
import { map, word } from '../../lib/packing/packing.ts';
import { straightPack } from '../../lib/packing/packing-code.ts';
import { straightRead } from '../../lib/packing/reading-code.ts';
import { dictionary, type Dictionary } from './dictionary.ts';
import {
  fromBytes,
  recordIn,
  recordReaderOf,
  ROW_SHAPE,
  rowPacker,
  rowReader,
  toBytes,
} from './packed-rows.ts';

const stored = (record: UsageRecord, words: Dictionary): Uint8Array =>
  toBytes(rowPacker(words)(record));

test('any record comes back as it was, from a dictionary that grows and one that is full', () => {
  const growing = dictionary();
  const full = dictionary();
  for (let at = 0; at < 30_000; at += 1) full.placeOf(`word ${at}`);
  const property = fc.property(anyRecord, (record) => {
    for (const words of [growing, full]) {
      expect(recordIn(fromBytes(stored(record, words)), words.words)).toEqual(record);
    }
  });
  fc.assert(property, { numRuns: 300 });
});

test('straight code packs as the table does', () => {
  const [straightWords, words] = [dictionary(), dictionary()];
  const straight = straightPack(RECORD, straightWords);
  const property = fc.property(anyRecord, (record) => {
    const [one, other] = [new Packer(straightWords, 1), new Packer(words, 1)];
    straight(record, one);
    RECORD.pack(record, other);
    expect(one.numbers.subarray(0, one.at)).toEqual(other.numbers.subarray(0, other.at));
    expect(one.texts).toEqual(other.texts);
    expect(straightWords.words).toEqual(words.words);
  });
  expect(straight).not.toBe(RECORD.pack);
  fc.assert(property, { numRuns: 300 });
});

test('members come back in the order of the table, and none that is undefined', () => {
  const words = dictionary();
  const record = aRecord({ decision: undefined as never });
  const found = recordIn(fromBytes(stored(record, words)), words.words);
  expect(found).not.toHaveProperty('decision');
  expect(Object.keys(found).slice(0, 3)).toEqual(['id', 'atMs', 'operation']);
});

test('straight code reads as the table does, member by member in the same order', () => {
  const words = dictionary();
  const read = straightRead(RECORD, true);
  const property = fc.property(anyRecord, (record) => {
    const into = new Packer(words);
    RECORD.pack(record, into);
    const found = read(new Unpacker(into.numbers.subarray(0, into.at), into.texts, words.words));
    const table = new Unpacker(into.numbers, into.texts, words.words);
    expect(JSON.stringify(found)).toBe(JSON.stringify(RECORD.unpack(table)));
    expect(found).toEqual(record);
  });
  expect(read).not.toBe(RECORD.unpack);
  fc.assert(property, { numRuns: 300 });
});

type Wanted = true | { readonly [name: string]: Wanted };

/** What of a value is wanted, by the objects that the whole has. */
function partOf(value: unknown, wanted: Wanted): unknown {
  if (wanted === true || typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name]) => Object.hasOwn(wanted, name));
  return Object.fromEntries(members.map(([name, member]) => [name, partOf(member, wanted[name]!)]));
}

test('a row to be written is read as far as it is counted, and counted as the whole record is', () => {
  const words = dictionary();
  const read = rowReader();
  const property = fc.property(anyRecord, (record) => {
    const part = read(rowPacker(words)(record), words.words).record;
    expect(part).toEqual(partOf(record, COUNTED));
    expect(placedIn(part)).toEqual(placedIn(record));
    const [ofPart, ofWhole] = [new Figures(), new Figures()];
    countRecord(part, () => ofPart);
    countRecord(record, () => ofWhole);
    expect(ofPart).toEqual(ofWhole);
  });
  fc.assert(property, { numRuns: 300 });
});

test('a name in a map that every object has is read as any other', () => {
  const words = dictionary();
  const labels = map(word());
  const into = new Packer(words);
  const given: Record<string, string> = JSON.parse('{"__proto__": "a", "constructor": "b"}');
  labels.pack(given, into);
  const found = straightRead(labels, true)(new Unpacker(into.numbers, into.texts, words.words));
  expect(Object.entries(found)).toEqual(Object.entries(given));
});

test('straight code refuses what is cut, or belongs to other words', () => {
  const words = dictionary();
  const read = rowReader();
  const { numbers, texts } = rowPacker(words)(aRecord());
  for (let length = 0; length < numbers.length; length += 7)
    expect(() => read({ numbers: numbers.subarray(0, length), texts }, words.words)).toThrow(
      RangeError,
    );
  expect(() => read({ numbers, texts }, [])).toThrow(/word 0, unknown/);
  expect(() => read({ numbers, texts: [] }, words.words)).toThrow(/a text that it has not/);
});

test('the columns are found beside the record', () => {
  const words = dictionary();
  const bytes = stored(aRecord({ id: 'r', attempts: [] }), words);
  expect(rowReader()(fromBytes(bytes), words.words).columns).toEqual({
    id: 'r',
    atMs: 1_790_000_000_000,
    caller: 'bot',
    upstream: null,
    outcome: 'answered',
    costNanoUsd: null,
  });
});

test('bytes that were cut at any place, or belong to other words, are refused', () => {
  const words = dictionary();
  const bytes = stored(aRecord(), words);
  for (let length = 0; length < bytes.length - 1; length += 7) {
    expect(() => recordIn(fromBytes(bytes.subarray(0, length)), words.words)).toThrow(RangeError);
  }
  expect(() => recordIn(fromBytes(bytes), [])).toThrow(/word 0, unknown/);
});

test('any record is read by the shape that its writer left, which is how another version reads it', () => {
  const words = dictionary();
  // a member that nobody has, so that the shape is another version's
  const other = ROW_SHAPE.replaceAll('{"fields":{"id"', '{"fields":{"gone":{"always":1},"id"');
  expect(other).not.toBe(ROW_SHAPE);
  const read = recordReaderOf(other);
  const property = fc.property(anyRecord, (record) => {
    const found = read(fromBytes(stored(record, words)), words.words);
    expect(found).toEqual({ ...record, gone: 1 });
  });
  fc.assert(property, { numRuns: 100 });
});

test('a shape of a newer version is refused with what to do', () => {
  const newer = ROW_SHAPE.replace('"number"', '"interval"');
  expect(() => recordReaderOf(newer)).toThrow(/newer version of Smallfirst/);
});

describe('the dictionary', () => {
  test('takes no text of a caller or an upstream', () => {
    const words = dictionary();
    const secret = 'my own text';
    const record = aRecord({ id: secret, requestedModel: secret, traceparent: secret });
    const [attempt] = record.attempts;
    const all = [{ ...attempt!, model: secret, answeredModel: secret, modelDigest: secret }];
    for (let times = 0; times < 3; times += 1) stored({ ...record, attempts: all }, words);
    expect(words.words).not.toContain(secret);
  });

  test('takes a phrase when it comes for the second time, and at most 4,000 of them', () => {
    const words = dictionary();
    expect(words.placeOfPhrase('3 words of 7')).toBeUndefined();
    expect(words.placeOfPhrase('3 words of 7')).toBe(0);
    expect(words.placeOfPhrase('3 words of 7')).toBe(0);
    for (let at = 1; at < 5_000; at += 1) {
      words.placeOfPhrase(`phrase ${at}`);
      words.placeOfPhrase(`phrase ${at}`);
    }
    expect(words.words).toHaveLength(4_000);
    expect(words.placeOfPhrase('phrase 4500')).toBeUndefined();
    expect(words.placeOf('a word')).toBe(4_000);
  });

  test('takes neither long texts nor halves of surrogate pairs', () => {
    const words = dictionary();
    expect(words.placeOf('a'.repeat(161))).toBeUndefined();
    expect(words.placeOf('\ud83d')).toBeUndefined();
    expect(words.words).toEqual([]);
  });
});
