import { expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';

interface One {
  readonly caller: string;
  readonly name: string;
  readonly untilMs: number;
}

const anyone = (): boolean => true;

/** Names begin with the letter of their key. */
function queueOf(names: readonly string[], untilMs = Infinity): FairQueue<One> {
  const queue = new FairQueue<One>();
  for (const name of names) queue.join({ name, caller: name.slice(0, 1), untilMs }, 0);
  return queue;
}

const namesLeft = (queue: FairQueue<One>): readonly (string | undefined)[] =>
  Array.from({ length: queue.size }, () => queue.next(anyone, 0)?.name);

test('keys have turns, and each key keeps its order', () => {
  const queue = queueOf(['a1', 'a2', 'a3', 'b1', 'a4', 'b2', 'c1']);
  expect(namesLeft(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  expect(queue.next(anyone, 0)).toBeUndefined();
});

test('a key that may have no more is passed over, and keeps its turn', () => {
  const queue = queueOf(['a1', 'b1', 'b2']);
  const notA = (caller: string): boolean => caller !== 'a';
  expect(queue.next(notA, 0)?.name).toBe('b1');
  expect(queue.next(anyone, 0)?.name).toBe('a1');
  expect(queue.next(() => false, 0)).toBeUndefined();
  expect(queue.size).toBe(1);
});

test('the key that has the most in queue gives way to those that have less', () => {
  const queue = queueOf(['a1', 'a2', 'a3', 'b1']);
  expect(queue.sizeOf((caller) => caller === 'b')).toBe(1);
  expect(queue.makeRoomFor('a')).toBeUndefined();
  expect(queue.makeRoomFor('c')?.name).toBe('a3');
  expect(queue.makeRoomFor('b')).toBeUndefined();
  expect(queue.size).toBe(3);
  expect(namesLeft(queue)).toEqual(['a1', 'b1', 'a2']);
});

test('who leaves, and who has waited for as long as may be, is in queue no more', () => {
  const queue = queueOf(['a1', 'b1'], 100);
  const last = { name: 'a2', caller: 'a', untilMs: 300 };
  const gone = { name: 'a3', caller: 'a', untilMs: 300 };
  queue.join(last, 0);
  queue.join(gone, 0);
  queue.leave(gone);
  queue.leave(gone);
  expect(queue.expired(99)).toEqual([]);
  expect(queue.expired(100).map(({ name }) => name)).toEqual(['a1', 'b1']);
  expect(queue.size).toBe(1);
  expect(queue.all()).toEqual([last]);
  expect(queue.size).toBe(0);
});

test('a wait is foreseen by how fast the queue has moved since it began', () => {
  const queue = queueOf(Array.from({ length: 20 }, (_, at) => `a${at}`));
  expect(queue.foreseenMs('a', 0)).toBe(0);
  for (let at = 1; at <= 10; at += 1) queue.next(anyone, at * 10);
  // Ten have moved in 100 ms, and one more is on its way.
  expect(queue.foreseenMs('a', 100)).toBeCloseTo((11 * 100) / 11);
  // It stands still.
  expect(queue.foreseenMs('a', 1100)).toBeCloseTo((11 * 1100) / 11);
});

test('of a queue that has moved for long, its pace of late counts', () => {
  const queue = queueOf(Array.from({ length: 3000 }, (_, at) => `a${at}`));
  for (let at = 1; at <= 1000; at += 1) queue.next(anyone, at * 100);
  for (let at = 1; at <= 1500; at += 1) queue.next(anyone, 100_000 + at);
  expect(queue.foreseenMs('a', 101_500)).toBeCloseTo((501 * 1023) / 1025, 0);
});

test('a key that waits for little is foreseen little beside one that waits for much', () => {
  const queue = queueOf(Array.from({ length: 1000 }, (_, at) => `a${at}`));
  for (let at = 1; at <= 99; at += 1) queue.next(anyone, at * 10);
  expect(queue.foreseenMs('b', 1000)).toBe(20);
  expect(queue.foreseenMs('a', 1000)).toBe(9020);
});
