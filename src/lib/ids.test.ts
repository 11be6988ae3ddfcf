import { expect, test } from 'vitest';
import { idSource } from './ids.ts';

test('ids are different, and of one form', () => {
  const newId = idSource(() => 1_700_000_000_000);
  const seen = new Set<string>();
  for (let made = 0; made < 100_000; made += 1) seen.add(newId('req'));
  expect(seen.size).toBe(100_000);
  const [one = ''] = seen;
  expect(one).toMatch(/^req_018bcfe56800[0-9a-f]{20}$/);
});

test('ids sort in the order of time', () => {
  let nowMs = 1_700_000_000_000;
  const newId = idSource(() => (nowMs += 7));
  const made = Array.from({ length: 1000 }, () => newId('req'));
  expect(made.toSorted()).toEqual(made);
});

test('a clock that steps back breaks neither the order nor the form', () => {
  const times = [1_700_000_000_500, 1_600_000_000_000, 1_700_000_000_501];
  const newId = idSource(() => times.shift() ?? 0);
  const made = [newId('a'), newId('a'), newId('a')];
  const [first, second, third] = made.map((id) => id.slice(2, 14));
  expect([second, (third ?? '') > (first ?? '')]).toEqual([first, true]);
  expect(new Set(made).size).toBe(3);
});
