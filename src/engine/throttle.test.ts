import { expect, test } from 'vitest';
import { Throttle } from './throttle.ts';

const refusedBy = (throttle: Throttle, caller: string, times: number, now = 0): void => {
  for (let at = 0; at < times; at += 1) throttle.refused({ caller, request: `r${at}` }, now);
};

test('who never refused anything is held back from nobody', () => {
  const throttle = new Throttle();
  throttle.accepted(0);
  expect(throttle.isQuiet(0)).toBe(true);
  expect(throttle.heldShare(0)).toBe(0);
  expect(throttle.evidence()).toEqual({ callers: 0, requests: 0 });
});

test('the share held back is that of the requests beyond twice those accepted', () => {
  const throttle = new Throttle();
  refusedBy(throttle, 'ann', 9);
  expect(throttle.heldShare(0)).toBeCloseTo(9 / 10);
  throttle.accepted(0);
  expect(throttle.heldShare(0)).toBeCloseTo(8 / 11);
  for (let at = 0; at < 8; at += 1) throttle.accepted(0);
  expect(throttle.heldShare(0)).toBe(0);
});

test('what was sent more than two minutes ago counts no more', () => {
  const throttle = new Throttle();
  refusedBy(throttle, 'ann', 9, 0);
  refusedBy(throttle, 'ann', 1, 115_000);
  expect(throttle.heldShare(115_000)).toBeCloseTo(10 / 11);
  expect(throttle.heldShare(125_000)).toBeCloseTo(1 / 2);
  throttle.accepted(125_000);
  expect(throttle.heldShare(125_000)).toBe(0);
  expect(throttle.isQuiet(235_001)).toBe(true);
});

test('the evidence of one storm is not that of the next', () => {
  const throttle = new Throttle();
  refusedBy(throttle, 'ann', 3, 0);
  refusedBy(throttle, 'bob', 3, 0);
  expect(throttle.evidence()).toEqual({ callers: 2, requests: 3 });
  refusedBy(throttle, 'cleo', 1, 120_001);
  expect(throttle.evidence()).toEqual({ callers: 1, requests: 1 });
});

test('of a storm it remembers sixteen callers and requests, and no more', () => {
  const throttle = new Throttle();
  for (let at = 0; at < 40; at += 1) throttle.refused({ caller: `c${at}`, request: `r${at}` }, 0);
  expect(throttle.evidence()).toEqual({ callers: 16, requests: 16 });
  expect(throttle.heldShare(0)).toBeCloseTo(40 / 41);
});
