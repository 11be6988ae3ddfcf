import { expect, test } from 'vitest';
import { Line } from './line.ts';

interface One {
  readonly caller: string;
  readonly name: string;
  readonly untilMs: number;
}

const anyone = (): boolean => true;

/** Names begin with the letter of their key. */
function lineOf(names: readonly string[], untilMs = Infinity): Line<One> {
  const line = new Line<One>();
  for (const name of names) line.join({ name, caller: name.slice(0, 1), untilMs }, 0);
  return line;
}

const namesLeft = (line: Line<One>): readonly (string | undefined)[] =>
  Array.from({ length: line.size }, () => line.next(anyone, 0)?.name);

test('keys have turns, and each key keeps its order', () => {
  const line = lineOf(['a1', 'a2', 'a3', 'b1', 'a4', 'b2', 'c1']);
  expect(namesLeft(line)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  expect(line.next(anyone, 0)).toBeUndefined();
});

test('a key that may have no more is passed over, and keeps its turn', () => {
  const line = lineOf(['a1', 'b1', 'b2']);
  const notA = (caller: string): boolean => caller !== 'a';
  expect(line.next(notA, 0)?.name).toBe('b1');
  expect(line.next(anyone, 0)?.name).toBe('a1');
  expect(line.next(() => false, 0)).toBeUndefined();
  expect(line.size).toBe(1);
});

test('the key that has the most in line gives way to those that have less', () => {
  const line = lineOf(['a1', 'a2', 'a3', 'b1']);
  expect(line.sizeOf((caller) => caller === 'b')).toBe(1);
  expect(line.makeRoomFor('a')).toBeUndefined();
  expect(line.makeRoomFor('c')?.name).toBe('a3');
  expect(line.makeRoomFor('b')).toBeUndefined();
  expect(line.size).toBe(3);
  expect(namesLeft(line)).toEqual(['a1', 'b1', 'a2']);
});

test('who leaves, and who has waited for as long as may be, is in line no more', () => {
  const line = lineOf(['a1', 'b1'], 100);
  const last = { name: 'a2', caller: 'a', untilMs: 300 };
  const gone = { name: 'a3', caller: 'a', untilMs: 300 };
  line.join(last, 0);
  line.join(gone, 0);
  line.leave(gone);
  line.leave(gone);
  expect(line.expired(99)).toEqual([]);
  expect(line.expired(100).map(({ name }) => name)).toEqual(['a1', 'b1']);
  expect(line.size).toBe(1);
  expect(line.all()).toEqual([last]);
  expect(line.size).toBe(0);
});

test('a wait is foreseen by how fast the line has moved since it began', () => {
  const line = lineOf(Array.from({ length: 20 }, (_, at) => `a${at}`));
  expect(line.foreseenMs('a', 0)).toBe(0);
  for (let at = 1; at <= 10; at += 1) line.next(anyone, at * 10);
  // Ten have moved in 100 ms, and one more is on its way.
  expect(line.foreseenMs('a', 100)).toBeCloseTo((11 * 100) / 11);
  // It stands still.
  expect(line.foreseenMs('a', 1100)).toBeCloseTo((11 * 1100) / 11);
});

test('of a line that has moved for long, its pace of late counts', () => {
  const line = lineOf(Array.from({ length: 3000 }, (_, at) => `a${at}`));
  for (let at = 1; at <= 1000; at += 1) line.next(anyone, at * 100);
  for (let at = 1; at <= 1500; at += 1) line.next(anyone, 100_000 + at);
  expect(line.foreseenMs('a', 101_500)).toBeCloseTo((501 * 1023) / 1025, 0);
});

test('a key that waits for little is foreseen little beside one that waits for much', () => {
  const line = lineOf(Array.from({ length: 1000 }, (_, at) => `a${at}`));
  for (let at = 1; at <= 99; at += 1) line.next(anyone, at * 10);
  expect(line.foreseenMs('b', 1000)).toBe(20);
  expect(line.foreseenMs('a', 1000)).toBe(9020);
});
