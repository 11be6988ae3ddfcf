/**
 * What was saved against sending everything to the large model: the same tokens at its price, less all that
 * was spent, whatever for. A range, because the electricity of local answers is one.
 */
import type { UsageRecord } from '../../core/record.ts';
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
  /** Requests with both sides known; the others are `unknown`, and in neither sum. */
  readonly requests: number;
  readonly unknown: number;
  readonly baseline: Range;
  readonly spent: Range;
  /** `baseline` less `spent`. */
  readonly saved: Range;
}

export interface Savings {
  /** Nano-USD. */
  readonly money: Compared;
  /** Joules. */
  readonly energy: Compared;
  /** Those requests alone that a small model answered. */
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
      const paid = moneySpent(record);
      const taken = energySpent(record);
      const [price, joules] = baselines(record);
      money.add(price, paid);
      energy.add(joules, taken);
      if (answerOf(record)?.tier !== 'small') return;
      smallMoney.add(price, paid);
      smallEnergy.add(joules, taken);
    },
    result: () => ({
      money: money.result(),
      energy: energy.result(),
      small: { money: smallMoney.result(), energy: smallEnergy.result() },
    }),
  };
}

/** Undefined where a part of it is not known. */
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
 * Money and joules at the large model. A shadow, and a request that came to nothing, have no counterpart
 * there: what they took is the routing's own, against a baseline of nothing.
 */
function baselines(record: UsageRecord): readonly [Range | undefined, Range | undefined] {
  const { baselineNanoUsd: nano, baselineEnergy, outcome, shadowOf } = record;
  const isNobodys = shadowOf !== undefined || outcome === 'failed' || outcome === 'refused';
  const otherwise = isNobodys ? ZERO : undefined;
  if (shadowOf !== undefined) return [ZERO, ZERO];
  return [
    nano === null ? otherwise : { low: nano, high: nano },
    baselineEnergy === undefined ? otherwise : joulesOf(baselineEnergy),
  ];
}

interface Comparison {
  add(baseline: Range | undefined, spent: Range | undefined): void;
  result(): Compared;
}

function comparison(): Comparison {
  let [requests, unknown] = [0, 0];
  let baseline = ZERO;
  let spent = ZERO;
  return {
    add: (would, did) => {
      if (would === undefined || did === undefined) {
        unknown += 1;
        return;
      }
      requests += 1;
      baseline = plus(baseline, would);
      spent = plus(spent, did);
    },
    result: () => ({ requests, unknown, baseline, spent, saved: minus(baseline, spent) }),
  };
}
