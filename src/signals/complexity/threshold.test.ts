import fc from 'fast-check';
import { expect, test } from 'vitest';
import { thresholdFor } from './threshold.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });

test('complexityBelow is the threshold itself', () => {
  expect(thresholdFor({ complexityBelow: 0.6 }).value).toBe(0.6);
});

test('more for the large model is a lower threshold', () => {
  fc.assert(
    fc.property(share, share, (a, b) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)];
      expect(thresholdFor({ largeShare: more }).value).toBeLessThanOrEqual(
        thresholdFor({ largeShare: less }).value,
      );
    }),
  );
});

test('more quality is a lower threshold', () => {
  fc.assert(
    fc.property(share, share, (a, b) => {
      const [less, more] = [Math.min(a, b), Math.max(a, b)];
      expect(thresholdFor({ quality: more }).value).toBeLessThanOrEqual(
        thresholdFor({ quality: less }).value,
      );
    }),
  );
});

test('the ends: everything large, everything small', () => {
  expect(thresholdFor({ largeShare: 1 }).value).toBe(0);
  expect(thresholdFor({ largeShare: 0 }).value).toBeGreaterThan(1);
  expect(thresholdFor({ quality: 0 }).value).toBeGreaterThan(0.5);
});

test('it says how it follows, with figures', () => {
  expect(thresholdFor({ quality: 0.95 }).from).toMatch(/0\.95.*\d+ %/);
});
