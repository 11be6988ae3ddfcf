import fc from 'fast-check';
import { expect, test } from 'vitest';
import shipped from './need.json' with { type: 'json' };
import { thresholdFor, tradeFor } from './threshold.ts';

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

const model = (shift: number) => ({ shift, said: 'a model' });

test('a weaker small model gets a lower threshold for the same wish, a stronger one a higher', () => {
  const of = (shift: number): number => thresholdFor({ quality: 0.95 }, model(shift)).value;
  const thresholds = [-1, -0.5, 0, 0.5, 1, 1.5, 2].map(of);
  expect(thresholds).toEqual(thresholds.toSorted((a, b) => b - a));
  expect(thresholds[0]!).toBeGreaterThan(thresholds[2]! + 0.05);
  expect(thresholds[4]!).toBeLessThan(thresholds[2]! - 0.05);
});

test('one that fails on most easy questions answers nothing under a strict wish, and that is said', () => {
  expect(thresholdFor({ quality: 0.999 }, model(4))).toEqual({
    value: 0,
    from: 'quality: 0.999 needs the large model throughout, for a model',
  });
});

test('with a shift of nearly nothing the trade is the measured one', () => {
  tradeFor(model(1e-9), shipped.trade).forEach(({ quality }, at) => {
    expect(Math.abs(quality - shipped.trade[at]!.quality)).toBeLessThan(0.015);
  });
});
