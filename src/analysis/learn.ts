/**
 * Learns thresholds, and a correction of the judge's complexity, from what is known of answers: fitted to the earlier part of the time,
 * tested on the audits of the later part against what is in force. Nothing here changes a running gateway.
 */
import { corrected, type LearnedHead } from '../core/learned-head.ts';
import { seededRandom } from '../lib/random.ts';
import { learnHead } from './learn-head.ts';

/** One answer that something is known of, in numbers. */
export interface Label {
  readonly atMs: number;
  /** The judge's own word, without what was learned. */
  readonly complexity: number;
  /** What the judge in force saw of the request; absent where that was not kept, or seen by one of other weights. */
  readonly seen?: readonly number[];
  /** P(wrong) of the confidence check; absent where it abstained. */
  readonly wrong?: number;
  readonly isWorse: boolean;
  /** How many answers it stands for. */
  readonly weight: number;
  /**
   * Who gave it is not chosen by chance, and may be wrong: the caller by feedback or by what it did, a check, a shadow. It helps to
   * fit, and tests nothing. Absent: an audit.
   */
  readonly weakBy?: string;
  /** What a weak label weighs, in audits; `WEAK_WEIGHT` if not given. */
  readonly trust?: number;
}

/** What can be learned: what a policy has in force, or a candidate. */
export interface Settings {
  /** The complexity from which on the large model is asked. */
  readonly complexityBelow: number;
  /** P(wrong) from which on a small answer is replaced. */
  readonly wrongAbove: number;
  readonly learned?: LearnedHead;
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
  /** Of the labels. */
  readonly weak: number;
  /** Audits. */
  readonly tested: number;
  /** Of the labels: those with what the judge saw. */
  readonly seen: number;
  readonly candidate: Settings;
  readonly inForce: Settings;
  /** Of a request, US dollars more than what is in force; with a 99 % interval by bootstrap. */
  readonly gainUsd: { readonly estimate: number; readonly low: number; readonly high: number };
}

/** With fewer a candidate would follow chance. */
const LEAST_LABELS = 500;
/** The earlier part, which thresholds are fitted to. */
const FITTED = 0.7;
/** Tested requests that the two treat differently: with fewer an interval by bootstrap is too narrow. */
const LEAST_DIFFERENT = 50;
/** What a weak label weighs, in audits. */
const WEAK_WEIGHT = 0.2;
/** The most that all weak labels of one source may weigh, as a share of the audits: a flood moves no threshold. */
const MOST_OF_ONE = 0.02;
/** And those of all sources together. */
const MOST_OF_ALL = 0.5;
const STEPS = 20;
const RESAMPLES = 2000;
const SEED = 1;

/**
 * The same labels give the same result.
 * @param judge - the version of the weights that saw what labels hold
 */
export function learn(
  labels: readonly Label[],
  inForce: Settings,
  prices: Prices,
  judge = '',
): Learnt {
  if (labels.length < LEAST_LABELS)
    return { kind: 'too-few', labels: labels.length, needed: LEAST_LABELS };
  const ordered = labels.toSorted((a, b) => a.atMs - b.atMs);
  const audits = ordered.filter(({ weakBy }) => weakBy === undefined);
  const cut = Math.floor(audits.length * FITTED);
  const [before, tested] = [audits.slice(0, cut), audits.slice(cut)];
  const weak = ordered.filter(({ weakBy, atMs }) => weakBy !== undefined && atMs < from(tested));
  const fitted = [...before, ...bounded(weak, before)].toSorted((a, b) => a.atMs - b.atMs);
  const candidate = best(fitted, withHead(fitted, inForce, judge), prices);
  const gains = tested.map((label) => ({
    gain: valueOf(label, candidate, prices) - valueOf(label, inForce, prices),
    weight: label.weight,
  }));
  const gainUsd = bootstrapped(gains);
  const counts = {
    labels: labels.length,
    weak: labels.length - audits.length,
    seen: labels.filter(({ seen }) => seen !== undefined).length,
  };
  const compared = { ...counts, tested: tested.length, candidate, inForce, gainUsd };
  const differ = gains.filter(({ gain }) => gain !== 0).length;
  const isBetter = gainUsd.low > 0 && differ >= LEAST_DIFFERENT;
  return { kind: isBetter ? 'better' : 'no-better', ...compared };
}

/** What is in force with another correction, where one foretells labels better. */
function withHead(labels: readonly Label[], inForce: Settings, judge: string): Settings {
  const seen = labels.flatMap(({ seen: numbers, ...label }) =>
    numbers === undefined ? [] : [{ ...label, seen: numbers }],
  );
  const found = learnHead(seen);
  return found === undefined ? inForce : { ...inForce, learned: { judge, ...found } };
}

const from = ([first]: readonly Label[]): number => first?.atMs ?? 0;

/** Weak labels with their weights: each a part of an audit's, those of one source together a small one. */
function bounded(weak: readonly Label[], audits: readonly Label[]): readonly Label[] {
  const all = audits.reduce((sum, { weight }) => sum + weight, 0);
  const one = all / Math.max(audits.length, 1);
  const counts = new Map<string | undefined, number>();
  for (const { weakBy } of weak) counts.set(weakBy, (counts.get(weakBy) ?? 0) + 1);
  const weights = weak.map(({ weakBy, trust = WEAK_WEIGHT }) =>
    Math.min(trust * one, (MOST_OF_ONE * all) / (counts.get(weakBy) ?? 1)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const part = Math.min(1, (MOST_OF_ALL * all) / Math.max(total, Number.MIN_VALUE));
  return weak.map((label, at) => Object.assign({}, label, { weight: part * (weights[at] ?? 0) }));
}

/** The given thresholds stand where none are better. */
function best(given: readonly Label[], settings: Settings, prices: Prices): Settings {
  const { learned, ...rest } = settings;
  const labels = given.map((label) => ({ ...label, complexity: complexityUnder(learned, label) }));
  let [found, most]: [Settings, number] = [settings, sumOf(labels, rest, prices)];
  for (const complexityBelow of grid())
    for (const wrongAbove of grid()) {
      const tried = { complexityBelow, wrongAbove };
      const value = sumOf(labels, tried, prices);
      if (value > most) [found, most] = [{ ...settings, ...tried }, value];
    }
  return found;
}

const grid = (): readonly number[] =>
  Array.from({ length: STEPS }, (_, step) => (step + 1) / STEPS);

/** As the correction has it; the judge's own word where what it saw is not known. */
const complexityUnder = (
  learned: LearnedHead | undefined,
  { complexity, seen }: Pick<Label, 'complexity' | 'seen'>,
): number =>
  learned === undefined || seen === undefined ? complexity : corrected(complexity, learned, seen);

const sumOf = (labels: readonly Label[], settings: Settings, prices: Prices): number =>
  labels.reduce((sum, label) => sum + label.weight * valueOf(label, settings, prices), 0);

/** Of a request: the large model's answer is worth 0. */
function valueOf(
  label: Label,
  { complexityBelow, wrongAbove, learned }: Settings,
  { savedUsd, worseUsd }: Prices,
): number {
  const { wrong, isWorse } = label;
  if (wrong !== undefined && wrong >= wrongAbove) return 0;
  if (complexityUnder(learned, label) >= complexityBelow) return 0;
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
