import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keptQuality } from './kept-quality.ts';
import shipped from './need.json' with { type: 'json' };

const point = (threshold: number, largeShare: number, quality: number) => ({
  threshold,
  largeShare,
  quality,
});

test('a small answer loses what the calibration lost between the thresholds around it', () => {
  const kept = keptQuality([point(0, 1, 1), point(0.4, 0.5, 0.95), point(0.9, 0, 0.7)]);
  expect(kept(0.2)).toBeCloseTo(0.9);
  expect(kept(0.4)).toBeCloseTo(0.5);
  expect(kept(1)).toBeCloseTo(0.5);
});

test('where the measured losses waver they are pooled, and their sum stays', () => {
  const kept = keptQuality([
    point(0, 1, 1),
    point(0.3, 0.8, 0.9),
    point(0.6, 0.6, 0.88),
    point(1, 0, 0.5),
  ]);
  expect(kept(0.1)).toBeCloseTo(0.7);
  expect(kept(0.5)).toBeCloseTo(0.7);
  expect(0.4 * kept(0.5) + 0.6 * kept(0.8)).toBeCloseTo(0.5);
});

test('by the shipped calibration a more complex request never has a better small answer', () => {
  const kept = keptQuality();
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, share, (a, b) => {
      expect(kept(Math.max(a, b))).toBeLessThanOrEqual(kept(Math.min(a, b)));
    }),
  );
});

test('all small on the calibration mix is what the calibration says of it', () => {
  const { trade } = shipped;
  const kept = keptQuality(trade);
  let expected = 0;
  for (let at = 1; at < trade.length; at += 1) {
    const [a, b] = [trade[at - 1]!, trade[at]!];
    expected += (a.largeShare - b.largeShare) * kept(a.threshold);
  }
  expect(expected).toBeCloseTo(trade.at(-1)!.quality, 3);
});
