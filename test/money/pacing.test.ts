/** A month of simulated traffic with a burst, decided by the real decision under the real book: paced, and with the limit as a wall. */
import { describe, expect, test } from 'vitest';
import { createPayments } from '../../src/budgets/payments.ts';
import { createBook } from '../../src/budgets/book.ts';
import { createPacing } from '../../src/budgets/pacing.ts';
import { planOf, UNIFORM, weekProfile, type SpentHour } from '../../src/budgets/week-profile.ts';
import type { Budget } from '../../src/core/budget.ts';
import { decide } from '../../src/engine/decide.ts';
import { memoryAttempts } from '../../src/stores/memory/attempts.ts';
import { call } from '../support/call.ts';
import { facts, policy, routed, situation, snapshot } from '../support/policy.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The first of June 2026, 30 days long. */
const START_MS = Date.UTC(2026, 5, 1);
const ANSWER_NANO = 1_000_000;

const month = (limitNanoUsd: number): Budget => ({
  name: 'month',
  scope: { kind: 'gateway' },
  limitNanoUsd,
  per: 'month',
  zone: 'UTC',
  unpriced: 'refuse',
  warnAt: [],
  pace: true,
});

/** A generator of numbers from 0 to 1, the same at every run (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Requests a minute: office hours on weekdays, and on the 10th to 12th four times as many. */
function rateAt(atMs: number): number {
  const day = Math.floor((atMs - START_MS) / DAY_MS);
  const hour = Math.floor((atMs % DAY_MS) / HOUR_MS);
  const isWeekend = new Date(atMs).getUTCDay() % 6 === 0;
  const usual = hour >= 8 && hour < 18 ? (isWeekend ? 0.5 : 4) : 0.5;
  return day >= 9 && day < 12 ? 4 * usual : usual;
}

interface Month {
  readonly spentShare: number;
  readonly hard: number;
  readonly hardLarge: number;
  readonly most: number;
  /** The first day on which something could not be paid for; 30 without one. */
  readonly spentDay: number;
}

/** Complexity is spread evenly; above 0.8 a request is hard. Half of all would go to the large model. */
function run(limitNanoUsd: number, isPaced: boolean, learnt: readonly SpentHour[] = []): Month {
  const budget = month(limitNanoUsd);
  const [book, pacing, random] = [createBook(), createPacing(), numbers(7)];
  const seen = { hard: 0, hardLarge: 0, most: 0, spentDay: 30 };
  pacing.learn(learnt);
  const ask = (atMs: number, shift: number | undefined): void => {
    const complexity = random();
    const isHard = complexity >= 0.8;
    const isLarge = wantsLarge(complexity, shift);
    const held = isLarge ? book.reserve([budget], 2 * ANSWER_NANO, atMs) : undefined;
    const isServed = held !== undefined && 'settle' in held;
    if (isServed) held.settle(ANSWER_NANO);
    else if (isLarge) seen.spentDay = Math.min(seen.spentDay, (atMs - START_MS) / DAY_MS);
    seen.hard += Number(isHard);
    seen.hardLarge += Number(isHard && isServed);
  };
  for (let atMs = START_MS; atMs < START_MS + 30 * DAY_MS; atMs += MINUTE_MS) {
    if (isPaced) pacing.tick([book.state(budget, atMs)], atMs);
    const shift = pacing.shiftOf([budget]);
    seen.most = Math.max(seen.most, shift ?? 0);
    const rate = rateAt(atMs);
    const asked = Math.floor(rate) + Number(random() < rate % 1);
    for (let each = 0; each < asked; each += 1) ask(atMs, shift);
  }
  const { spentNanoUsd } = book.state(budget, START_MS + DAY_MS);
  return { ...seen, spentShare: spentNanoUsd / limitNanoUsd };
}

const RULES = policy({ threshold: { value: 0.5, from: 'test' } });

function wantsLarge(complexity: number, shift: number | undefined): boolean {
  const budget = shift === undefined ? { spentShare: 0 } : { spentShare: 0, shift };
  const seen = situation(complexity, { facts: facts(), snapshot: snapshot({ budget }) });
  const decision = decide(routed, seen, RULES);
  return decision.kind === 'route' && decision.targets[0].tier === 'large';
}

/** What the four weeks before were like, without a burst. */
const BEFORE: readonly SpentHour[] = Array.from({ length: 28 * 24 }, (_, at) => {
  const atMs = START_MS - (28 * 24 - at) * HOUR_MS;
  return { atMs, nanoUsd: 60 * rateAt(atMs) * ANSWER_NANO };
});

describe('a month with a burst, and money for two thirds of what would be asked of the large model', () => {
  const limit = 30_000 * ANSWER_NANO;
  const wall = run(limit, false);

  test.each<[string, readonly SpentHour[]]>([
    ['the weeks before are known', BEFORE],
    ['nothing is known yet', []],
  ])(
    'lands on its budget and serves more hard requests large than a wall, where %s',
    (_, learnt) => {
      const paced = run(limit, true, learnt);
      expect(paced.spentShare).toBeGreaterThan(0.97);
      expect(paced.spentShare).toBeLessThanOrEqual(1);
      expect(paced.hardLarge).toBeGreaterThan(1.3 * wall.hardLarge);
      // The wall is met on the 16th day, the pace at the end.
      expect(wall.spentDay).toBeLessThan(25);
      expect(paced.spentDay).toBeGreaterThan(29);
    },
  );

  test('without need nothing is shifted', () => {
    expect(run(10 * limit, true, BEFORE)).toMatchObject({ most: 0 });
  });
});

test('a payment says how much is added to the threshold, and how the plan is kept', async () => {
  let nowMs = START_MS;
  const payments = createPayments({
    budgets: [month(1000 * ANSWER_NANO)],
    isPaid: () => true,
    bound: () => ({ fixedNanoUsd: 0, outputNanoUsd: ANSWER_NANO, searchNanoUsd: 0 }),
    prices: 'test',
    log: memoryAttempts(),
    newId: (prefix) => `${prefix}_1`,
    epochMs: () => nowMs,
  });
  const target = { tier: 'large', upstream: 'cloud', model: 'big', locality: 'cloud' } as const;
  const features = { facts: facts({ maxTokens: 1 }), turns: [], task: '' };
  const factsNow = () => payments.facts(call(), features, () => []);
  expect(factsNow()?.shift).toBeUndefined();
  for (let minute = 0; minute < 48 * 60; minute += 1) {
    nowMs += MINUTE_MS;
    payments.keepPace();
    if (minute % 15 === 0) payments.reserve(call(), features, target);
  }
  // 192 of 1000 in two days of thirty.
  const { shift, pace } = factsNow() ?? {};
  expect(shift).toBeGreaterThan(0.1);
  expect(pace).toBeCloseTo(0.192 / (2 / 30), 5);
});

describe('a plan', () => {
  const period = { startMs: START_MS, endMs: START_MS + 30 * DAY_MS };

  test('begins at 0, ends at 1 and never falls', () => {
    for (const profile of [UNIFORM, weekProfile(BEFORE, 'Europe/Madrid')]) {
      const planned = planOf(period, 'Europe/Madrid', profile);
      const shares = Array.from({ length: 721 }, (_, hour) => planned(START_MS + hour * HOUR_MS));
      expect([shares[0], shares[720]]).toEqual([0, 1]);
      for (const [at, share] of shares.entries())
        expect(share).toBeGreaterThanOrEqual(shares[at - 1] ?? 0);
    }
  });

  test('is even as long as there is less than a week to learn from', () => {
    expect(weekProfile(BEFORE.slice(0, 100), 'UTC')).toBe(UNIFORM);
    expect(planOf(period, 'UTC', UNIFORM)(START_MS + 15 * DAY_MS)).toBe(0.5);
  });

  test('follows the week: a night takes less than a morning', () => {
    const planned = planOf(period, 'UTC', weekProfile(BEFORE, 'UTC'));
    const part = (hour: number): number =>
      planned(START_MS + (hour + 4) * HOUR_MS) - planned(START_MS + hour * HOUR_MS);
    expect(part(9)).toBeGreaterThan(4 * part(0));
  });
});
