import { describe, expect, test } from 'vitest';
import { bootstrap, calibrationError, type Judged, quality, seeded } from './metrics.ts';

const pairs = (score: (small: number) => number): Judged[] =>
  Array.from({ length: 400 }, (_, at) => ({ small: at % 2, large: 1, score: score(at % 2) }));

describe('APGR', () => {
  test('is near .75 if half of the prompts gain and are ranked first', () => {
    const judged = pairs((small) => 1 - small);
    expect(quality(judged)).toMatchObject({ cpt50: 0.25, cpt80: 0.4 });
    expect(quality(judged).apgr).toBeCloseTo(0.75, 2);
  });

  test('is .5 if all scores are equal: ties share their gain', () => {
    expect(quality(pairs(() => 7)).apgr).toBeCloseTo(0.5, 6);
  });

  test('is .25 if the prompts that gain are ranked last', () => {
    expect(quality(pairs((small) => small)).apgr).toBeCloseTo(0.25, 2);
  });
});

test('calibration error is 0 for calibrated forecasts, and the distance for a constant wrong one', () => {
  const forecasts = (forecast: number): { forecast: number; outcome: number }[] =>
    Array.from({ length: 1000 }, (_, at) => ({ forecast, outcome: at % 4 === 0 ? 1 : 0 }));
  expect(calibrationError(forecasts(0.25))).toBeCloseTo(0, 1);
  expect(calibrationError(forecasts(0.65))).toBeCloseTo(0.4, 1);
});

test('a bootstrap interval contains the mean of its sample, and is deterministic', () => {
  const values = Array.from({ length: 200 }, (_, at) => at / 200);
  const mean = (drawn: readonly number[]): number =>
    drawn.reduce((a, b) => a + b, 0) / drawn.length;
  const draw = (): { low: number; high: number } =>
    bootstrap(values, mean, { draws: 100, random: seeded(3) });
  expect(draw()).toEqual(draw());
  expect(draw().low).toBeLessThan(0.4975);
  expect(draw().high).toBeGreaterThan(0.4975);
});
