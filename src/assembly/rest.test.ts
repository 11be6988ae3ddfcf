import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { mindRest } from './rest.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function harness() {
  const state = { requests: 0, unused: 20e6, held: 90e6, collected: 0, kept: 0, released: 0 };
  const life = new AbortController();
  let busy = 0;
  mindRest({
    life: life.signal,
    requests: () => state.requests,
    utilization: () => busy,
    unused: () => state.unused,
    held: () => state.held,
    collect: () => void (state.collected += 1),
    keepCode: () => void (state.kept += 1),
    release: () => void (state.released += 1),
  });
  const look = (times: number, utilization = 0): void => {
    busy = utilization;
    vi.advanceTimersByTime(3000 * times);
  };
  return { state, life, look };
}

test('what the start left is collected after half a minute of rest', () => {
  const { state, look } = harness();
  state.unused = 0;
  look(2, 0.5);
  look(9);
  expect(state.collected).toBe(0);
  look(50);
  expect(state).toMatchObject({ collected: 1, kept: 0 });
});

test('what is held and not used is given back by a later look, and is not asked for again and again', () => {
  const { state, look } = harness();
  look(11);
  state.unused = 7e6;
  look(50);
  expect(state.collected).toBe(2);
});

test('V8 that gives nothing back is asked three times', () => {
  const { state, look } = harness();
  look(100);
  expect(state.collected).toBe(3);
});

test('a pause between a few requests is no rest', () => {
  const { state, look } = harness();
  state.requests = 5;
  for (const _ of Array(9)) {
    look(1, 0.05);
    look(9);
  }
  expect(state).toMatchObject({ collected: 0, kept: 0 });
});

test('from the first load on code is kept, and nothing is collected any more', () => {
  const { state, look } = harness();
  look(3);
  state.requests = 100;
  look(100);
  expect(state).toMatchObject({ collected: 0, kept: 1 });
});

test('at rest after a load empty pages are given back, each time that the heap lost some', () => {
  const { state, look } = harness();
  state.requests = 100;
  look(5, 0.5);
  look(20);
  expect(state.released).toBe(0);
  state.held = 40e6;
  look(1);
  expect(state.released).toBe(1);
  state.held = 90e6;
  look(50);
  expect(state.released).toBe(1);
  state.held = 40e6;
  look(5, 0.5);
  expect(state.released).toBe(1);
  look(50);
  expect(state).toMatchObject({ released: 2, collected: 0, kept: 1 });
});

test('nothing is done after the end', () => {
  const { state, life, look } = harness();
  life.abort();
  state.requests = 100;
  look(100);
  expect(state).toMatchObject({ collected: 0, kept: 0 });
});
