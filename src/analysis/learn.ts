/**
 * Thresholds out of audits: those that would have been worth most in the earlier part of the time, tested on the later part
 * against what is in force. Nothing here changes a running gateway.
 */
import type { UsageRecord } from '../core/record.ts';
import { seededRandom } from '../lib/random.ts';

/** One audited answer, in numbers. */
export interface Label {
  readonly atMs: number;
  readonly complexity: number;
  /** P(wrong) of the confidence check; absent where it abstained. */
  readonly wrong?: number;
  readonly isWorse: boolean;
  /** How many answers it stands for. */
  readonly weight: number;
}

export interface Thresholds {
  /** The complexity from which on the large model is asked. */
  readonly complexityBelow: number;
  /** P(wrong) from which on a small answer is replaced. */
  readonly wrongAbove: number;
}

export interface Prices {
  /** What a small answer saves that is as good, in US dollars. */
  readonly savedUsd: number;
  /** What a worse answer costs. */
  readonly worseUsd: number;
}

export type Learnt =
  | { readonly kind: 'too-few'; readonly labels: number; readonly needed: number }
  | (Compared & { readonly kind: 'no-better' | 'better' });

interface Compared {
  readonly labels: number;
  readonly tested: number;
  readonly candidate: Thresholds;
  readonly inForce: Thresholds;
  /** Of a request, US dollars more than what is in force; with a 99 % interval by bootstrap. */
  readonly gainUsd: { readonly estimate: number; readonly low: number; readonly high: number };
}

/** With fewer a candidate would follow chance. */
const LEAST_LABELS = 500;
/** The earlier part, which thresholds are fitted to. */
const FITTED = 0.7;
/** Tested requests that the two treat differently: with fewer an interval by bootstrap is too narrow. */
const LEAST_DIFFERENT = 50;
const STEPS = 20;
const RESAMPLES = 2000;
const SEED = 1;

/** The same labels give the same result. */
export function learn(labels: readonly Label[], inForce: Thresholds, prices: Prices): Learnt {
  if (labels.length < LEAST_LABELS)
    return { kind: 'too-few', labels: labels.length, needed: LEAST_LABELS };
  const ordered = labels.toSorted((a, b) => a.atMs - b.atMs);
  const cut = Math.floor(ordered.length * FITTED);
  const [fitted, tested] = [ordered.slice(0, cut), ordered.slice(cut)];
  const candidate = best(fitted, inForce, prices);
  const gains = tested.map((label) => ({
    gain: valueOf(label, candidate, prices) - valueOf(label, inForce, prices),
    weight: label.weight,
  }));
  const gainUsd = bootstrapped(gains);
  const compared = { labels: labels.length, tested: tested.length, candidate, inForce, gainUsd };
  const differ = gains.filter(({ gain }) => gain !== 0).length;
  const isBetter = gainUsd.low > 0 && differ >= LEAST_DIFFERENT;
  return { kind: isBetter ? 'better' : 'no-better', ...compared };
}

/** What is in force stands where nothing is better. */
function best(labels: readonly Label[], inForce: Thresholds, prices: Prices): Thresholds {
  let [found, most] = [inForce, sumOf(labels, inForce, prices)];
  for (const complexityBelow of grid())
    for (const wrongAbove of grid()) {
      const tried = { complexityBelow, wrongAbove };
      const value = sumOf(labels, tried, prices);
      if (value > most) [found, most] = [tried, value];
    }
  return found;
}

const grid = (): readonly number[] =>
  Array.from({ length: STEPS }, (_, step) => (step + 1) / STEPS);

const sumOf = (labels: readonly Label[], thresholds: Thresholds, prices: Prices): number =>
  labels.reduce((sum, label) => sum + label.weight * valueOf(label, thresholds, prices), 0);

/** Of a request: the large model's answer is worth 0. */
function valueOf(
  { complexity, wrong, isWorse }: Label,
  { complexityBelow, wrongAbove }: Thresholds,
  { savedUsd, worseUsd }: Prices,
): number {
  if (complexity >= complexityBelow || (wrong !== undefined && wrong >= wrongAbove)) return 0;
  return savedUsd - (isWorse ? worseUsd : 0);
}

interface Gain {
  readonly gain: number;
  readonly weight: number;
}

function bootstrapped(gains: readonly Gain[]): Compared['gainUsd'] {
  const random = seededRandom(SEED);
  const means = Array.from({ length: RESAMPLES }, () =>
    meanOf(gains.map(() => gains[Math.floor(random() * gains.length)]!)),
  ).toSorted((a, b) => a - b);
  const at = (share: number): number => means[Math.floor(share * RESAMPLES)] ?? 0;
  return { estimate: meanOf(gains), low: at(0.005), high: at(0.995) };
}

function meanOf(gains: readonly Gain[]): number {
  let [sum, weights] = [0, 0];
  for (const { gain, weight } of gains) {
    sum += gain * weight;
    weights += weight;
  }
  return sum / Math.max(weights, Number.MIN_VALUE);
}

export interface LabelReader {
  add(record: UsageRecord): void;
  /** Of audits, and what a small answer saved on average (0 where none has a known baseline). */
  result(): { readonly labels: readonly Label[]; readonly savedUsd: number };
}

/** Reads labels out of records in any order. Requests that had to stay here were never audited, so none is among them. */
export function labelReader(): LabelReader {
  const wrongs = new Map<string, number>();
  const audited: { readonly of: string; readonly label: Omit<Label, 'wrong'> }[] = [];
  let [saved, answers] = [0, 0];
  return {
    add: (record) => {
      const label = labelOf(record);
      if (label !== undefined && record.shadowOf !== undefined)
        audited.push({ of: record.shadowOf, label });
      if (record.shadowOf !== undefined) return;
      const { attempts, baselineNanoUsd } = record;
      const small = attempts.find(({ tier }) => tier === 'small');
      if (small?.verdict?.wrong !== undefined) wrongs.set(record.id, small.verdict.wrong);
      if (attempts.at(-1) !== small || small === undefined || baselineNanoUsd === null) return;
      saved += baselineNanoUsd - (small.cost?.totalNanoUsd ?? 0);
      answers += 1;
    },
    result: () => ({
      labels: audited.map(({ of, label }) => withWrong(label, wrongs.get(of))),
      savedUsd: answers === 0 ? 0 : saved / answers / 1e9,
    }),
  };
}

function labelOf({ audit, decision, atMs }: UsageRecord): Omit<Label, 'wrong'> | undefined {
  const complexity = decision?.complexity;
  if (audit === undefined || complexity === undefined || complexity === null) return undefined;
  return { atMs, complexity, isWorse: audit.compared === 'worse', weight: 1 / audit.propensity };
}

const withWrong = (label: Omit<Label, 'wrong'>, wrong: number | undefined): Label =>
  wrong === undefined ? label : { ...label, wrong };
