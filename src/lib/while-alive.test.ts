import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onceIfAlive, repeatWhileAlive } from './while-alive.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ['repeats, and not at once', repeatWhileAlive, 3],
  ['works once', onceIfAlive, 1],
])('%s until its life ends', (_, start, times) => {
  const life = new AbortController();
  const work = vi.fn();
  start(work, 100, life.signal);
  vi.advanceTimersByTime(99);
  expect(work).not.toHaveBeenCalled();
  vi.advanceTimersByTime(201);
  expect(work).toHaveBeenCalledTimes(times);
  life.abort();
  vi.advanceTimersByTime(1000);
  expect(work).toHaveBeenCalledTimes(times);
  expect(vi.getTimerCount()).toBe(0);
});

test.each([repeatWhileAlive, onceIfAlive])('an ended life starts no timer', (start) => {
  start(() => {}, 100, AbortSignal.abort());
  expect(vi.getTimerCount()).toBe(0);
});

test('work that is due does not happen after its life ended', () => {
  const life = new AbortController();
  const work = vi.fn();
  onceIfAlive(work, 100, life.signal);
  life.abort();
  vi.advanceTimersByTime(1000);
  expect(work).not.toHaveBeenCalled();
});
