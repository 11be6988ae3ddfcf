import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { collectAtRest } from './collect-at-rest.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function harness() {
  const state = { busy: 0, used: 40e6, held: 40e6, collected: 0 };
  const life = new AbortController();
  collectAtRest({
    life: life.signal,
    utilization: () => state.busy,
    heap: () => state,
    collect: () => {
      state.collected += 1;
      state.used = 30e6;
    },
  });
  const rest = (looks: number): void => void vi.advanceTimersByTime(3000 * looks);
  rest(9);
  return {
    state,
    life,
    rest,
    pass: (used: number) => ((state.used = used), vi.advanceTimersByTime(3000)),
  };
}

test('what the start left is collected once, then what a load left', () => {
  const { state, pass } = harness();
  state.held = 30e6;
  pass(40e6);
  pass(30e6);
  pass(37e6);
  expect(state.collected).toBe(1);
  pass(38e6);
  expect(state.collected).toBe(2);
});

test('what is held and not used is given back by a later look, and is not asked for again and again', () => {
  const { state, pass } = harness();
  state.held = 50e6;
  for (const _ of Array(9)) pass(state.used);
  expect(state.collected).toBe(3);
});

test('nothing is collected while requests are answered, or after the end', () => {
  const { state, life, pass } = harness();
  state.busy = 0.05;
  pass(90e6);
  state.busy = 0;
  life.abort();
  pass(90e6);
  expect(state.collected).toBe(0);
});

test('a pause between requests is no rest', () => {
  const { state, rest } = harness();
  state.used = 90e6;
  state.busy = 0.05;
  rest(1);
  state.busy = 0;
  rest(9);
  expect(state.collected).toBe(0);
  rest(1);
  expect(state.collected).toBe(1);
});
