/**
 * What was saved against sending everything to the large model: the same tokens at its price, less all that
 * was spent, whatever for. A range, because the electricity of local answers is one.
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
  /** Requests with both sides known; the others are `unknown`, and in neither sum. */
  readonly requests: number;
  readonly unknown: number;
  readonly baseline: Range;
  readonly spent: Range;
  /** The one less the other, request by request: where both are the same figure nothing is left open. */
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

/** The large model's own answer is its own baseline: whatever it took, the difference is nothing. */
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
  /** `same`: the part of both that is one and the same figure. */
  add(baseline: Range | undefined, spent: Range | undefined, same: Range): void;
  result(): Compared;
}

function comparison(): Comparison {
  let [requests, unknown] = [0, 0];
  let baseline = ZERO;
  let spent = ZERO;
  let saved = ZERO;
  return {
    add: (would, did, same) => {
      if (would === undefined || did === undefined) {
        unknown += 1;
        return;
      }
      requests += 1;
      baseline = plus(baseline, would);
      spent = plus(spent, did);
      saved = plus(saved, minus(without(would, same), without(did, same)));
    },
    result: () => ({ requests, unknown, baseline, spent, saved }),
  };
}

const without = (whole: Range, part: Range): Range => ({
  low: whole.low - part.low,
  high: whole.high - part.high,
});
