/**
 * Savings against sending everything to the large model: the same tokens at its price, less all spending,
 * whatever its purpose. A range, because the electricity of local answers is a range.
 */
import type { Attempt, UsageRecord } from '../../core/record.ts';
import { answerOf } from './purposes.ts';
import {
  isUnmetered,
  isUnpriced,
  joulesOf,
  minus,
  moneyOf,
  plus,
  ZERO,
  type Range,
} from './range.ts';

export interface Compared {
  /** Requests with both sides known; the others are counted in `unknown` and are in neither sum. */
  readonly requests: number;
  readonly unknown: number;
  readonly baseline: Range;
  readonly spent: Range;
  /** Difference per request, summed: the part that is the same figure on both sides cancels exactly. */
  readonly saved: Range;
}

export interface Savings {
  /** Nano-USD. */
  readonly money: Compared;
  /** Joules. */
  readonly energy: Compared;
  /** Only the requests that a small model answered. */
  readonly small: { readonly money: Compared; readonly energy: Compared };
}

export interface SavingsTally {
  add(record: UsageRecord): void;
  result(): Savings;
}

export function savingsTally(): SavingsTally {
  const money = comparison();
  const energy = comparison();
  const smallMoney = comparison();
  const smallEnergy = comparison();
  return {
    add: (record) => {
      const answer = answerOf(record);
      const [price, joules] = baselines(record);
      const ofMoney = [price, moneySpent(record), ZERO] as const;
      const ofEnergy = [joules, energySpent(record), sameEnergy(record, answer)] as const;
      money.add(...ofMoney);
      energy.add(...ofEnergy);
      if (answer?.tier !== 'small') return;
      smallMoney.add(...ofMoney);
      smallEnergy.add(...ofEnergy);
    },
    result: () => ({
      money: money.result(),
      energy: energy.result(),
      small: { money: smallMoney.result(), energy: smallEnergy.result() },
    }),
  };
}

/** Undefined if the cost of any attempt is not known. */
const moneySpent = ({ attempts }: UsageRecord): Range | undefined =>
  attempts.some(isUnpriced)
    ? undefined
    : attempts.reduce((sum, attempt) => plus(sum, moneyOf(attempt)), ZERO);

const energySpent = ({ attempts }: UsageRecord): Range | undefined =>
  attempts.some(isUnmetered)
    ? undefined
    : attempts.reduce(
        (sum, { energy }) => (energy === null ? sum : plus(sum, joulesOf(energy))),
        ZERO,
      );

/**
 * Money and joules at the large model. Shadows, and failed or refused requests, have a baseline of 0: their
 * spending is a cost of routing.
 */
function baselines(record: UsageRecord): readonly [Range | undefined, Range | undefined] {
  const { baselineNanoUsd: nano, baselineEnergy, outcome, shadowOf } = record;
  const hasNoAnswer = shadowOf !== undefined || outcome === 'failed' || outcome === 'refused';
  const fallback = hasNoAnswer ? ZERO : undefined;
  if (shadowOf !== undefined) return [ZERO, ZERO];
  return [
    nano === null ? fallback : { low: nano, high: nano },
    baselineEnergy === undefined ? fallback : joulesOf(baselineEnergy),
  ];
}

/** The large model's own answer is its baseline, so that their difference is exactly 0. */
function sameEnergy({ baselineEnergy }: UsageRecord, answer: Attempt | undefined): Range {
  const energy = answer?.energy;
  if (baselineEnergy === undefined || energy === undefined || energy === null) return ZERO;
  const isSame =
    energy.lowJ === baselineEnergy.lowJ &&
    energy.highJ === baselineEnergy.highJ &&
    energy.source === baselineEnergy.source;
  return isSame ? joulesOf(energy) : ZERO;
}

interface Comparison {
  /** `same`: the part of both that is the same figure. */
  add(baseline: Range | undefined, spent: Range | undefined, same: Range): void;
  result(): Compared;
}

function comparison(): Comparison {
  let [requests, unknown] = [0, 0];
  let baseline = ZERO;
  let spent = ZERO;
  let saved = ZERO;
  return {
    add: (base, actual, same) => {
      if (base === undefined || actual === undefined) {
        unknown += 1;
        return;
      }
      requests += 1;
      baseline = plus(baseline, base);
      spent = plus(spent, actual);
      saved = plus(saved, minus(without(base, same), without(actual, same)));
    },
    result: () => ({ requests, unknown, baseline, spent, saved }),
  };
}

const without = (whole: Range, part: Range): Range => ({
  low: whole.low - part.low,
  high: whole.high - part.high,
});
