import { expect, test } from 'vitest';
import { ByteBudget, shareOf } from './byte-budget.ts';

const MIB = 1024 * 1024;

/** Whether it has resolved once everything that is ready has run. */
async function isDone(waiting: Promise<void>): Promise<boolean> {
  let done = false;
  void waiting.then(() => (done = true));
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

const unhurried = () => ({ hurry: () => {} });

test('the first 64 KiB of an answer are not counted, all of a longer one is', () => {
  const budget = new ByteBudget(10 * MIB);
  const reading = budget.reading();
  expect(reading.take(64 * 1024)).toBeUndefined();
  expect(budget.heldBytes()).toBe(0);
  void reading.take(64 * 1024);
  expect(budget.heldBytes()).toBe(256 * 1024);
  reading.over();
  expect(budget.heldBytes()).toBe(0);
});

test('an answer waits for room until another is taken, and hurries those that are written', async () => {
  const budget = new ByteBudget(4 * MIB);
  const hurried: string[] = [];
  const writing = { hurry: () => hurried.push('first') };
  budget.writing(writing, 3 * MIB);
  const waiting = budget.reading().take(1.5 * MIB);
  expect(hurried).toEqual(['first']);
  expect(await isDone(waiting!)).toBe(false);
  budget.writing({ hurry: () => hurried.push('second') }, 1);
  expect(hurried).toEqual(['first', 'second']);
  budget.written(writing);
  budget.written(writing);
  expect(await isDone(waiting!)).toBe(true);
  expect(budget.heldBytes()).toBe(3 * MIB + 1);
});

test('of answers that wait for each other the oldest goes on', async () => {
  const budget = new ByteBudget(4 * MIB);
  const [old, young] = [budget.reading(), budget.reading()];
  void young.take(0.5 * MIB);
  void old.take(0.5 * MIB);
  const waiting = young.take(0.5 * MIB);
  expect(await isDone(waiting!)).toBe(false);
  expect(old.take(8 * MIB)).toBeUndefined();
  old.over();
  expect(await isDone(waiting!)).toBe(true);
});

test('what caches hold is not there for others, and one has a quarter at most', () => {
  const budget = new ByteBudget(8 * MIB);
  let cached = 0;
  budget.counts(() => cached);
  expect(budget.fits(8 * MIB)).toBe(true);
  cached = 1;
  expect(budget.fits(8 * MIB)).toBe(false);
  expect(shareOf(budget, 64 * MIB)).toBe(2 * MIB);
  expect(shareOf(budget, MIB)).toBe(MIB);
  expect(shareOf(undefined, 64 * MIB)).toBe(64 * MIB);
  budget.writing(unhurried(), 1);
});

test('what was given back is collected before it would stand beside as much again, and not for little', () => {
  let collections = 0;
  const budget = new ByteBudget(8 * MIB, () => (collections += 1));
  budget.add(MIB / 2);
  budget.add(-MIB / 2);
  expect(budget.fits(8 * MIB)).toBe(true);
  expect(collections).toBe(0);
  budget.add(4 * MIB);
  budget.add(-4 * MIB);
  expect(budget.fits(3 * MIB)).toBe(true);
  expect(collections).toBe(0);
  expect(budget.fits(4 * MIB + 1)).toBe(true);
  expect(collections).toBe(1);
  expect(budget.fits(8 * MIB)).toBe(true);
  expect(collections).toBe(1);
});

test('what is small and given back often is left to the collections that happen anyway', () => {
  let collections = 0;
  const budget = new ByteBudget(MIB, () => (collections += 1));
  for (let count = 0; count < 100; count += 1) {
    budget.add(64 * 1024);
    budget.add(-64 * 1024);
  }
  expect(budget.fits(MIB)).toBe(true);
  expect(collections).toBe(0);
});
