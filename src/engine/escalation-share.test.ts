import { expect, test } from 'vitest';
import { escalationShare } from './escalation-share.ts';

test('the share of the last ten minutes counts, by kind', () => {
  let ms = 0;
  const shares = escalationShare(() => ms);
  for (let n = 0; n < 19; n += 1) shares.ended('billing', true);
  expect(shares.isSpent('billing', 0.3)).toBe(false);
  shares.ended('billing', true);
  expect(shares.isSpent('billing', 0.3)).toBe(true);
  expect(shares.isSpent('travel', 0.3)).toBe(false);
  ms = 300_000;
  for (let n = 0; n < 60; n += 1) shares.ended('billing', false);
  expect(shares.isSpent('billing', 0.3)).toBe(false);
  expect(shares.isSpent('billing', 0.2)).toBe(true);
  ms = 601_000;
  expect(shares.isSpent('billing', 0.2)).toBe(false);
});

test('with a share of 1 everything may be replaced, with 0 nothing more once one was', () => {
  const shares = escalationShare(() => 0);
  for (let n = 0; n < 20; n += 1) shares.ended('', n === 0);
  expect(shares.isSpent('', 1)).toBe(false);
  expect(shares.isSpent('', 0)).toBe(true);
});

test('so many kinds are told apart, and no more', () => {
  const shares = escalationShare(() => 0);
  for (let n = 0; n < 1000; n += 1) shares.ended(`kind ${n}`, true);
  for (let n = 0; n < 20; n += 1) for (const kind of ['kind 7', 'new']) shares.ended(kind, true);
  expect(shares.isSpent('kind 7', 0.5)).toBe(true);
  expect(shares.isSpent('new', 0.5)).toBe(false);
});
