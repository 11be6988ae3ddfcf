/**
 * Learns a correction of the judge's complexity from what it saw of requests and how their small answers were: a logistic on top of the
 * shipped weights, which are the prior (the correction is drawn towards zero).
 */
import { corrected, logOdds, type LearnedHead } from '../core/learned-head.ts';
import { fitLogistic } from '../lib/logistic.ts';

/** One answer, with what the judge saw of its request. */
export interface SeenLabel {
  /** The judge's own word. */
  readonly complexity: number;
  readonly seen: readonly number[];
  readonly isWorse: boolean;
  readonly weight: number;
}

type Correction = Pick<LearnedHead, 'bias' | 'weights'>;

/** Penalties that are tried. Numbers are about .1 wide: at 1 a direction may move the odds by some e^.1. */
const PENALTIES = [0.3, 1, 3, 10, 30];
/** So firmly that a level alone is learned: what every penalty is compared with. */
const LEVEL_ONLY = 1e9;
/** The earlier part of the labels, which penalties are tried on; the rest chooses. */
const TRIED = 0.7;
/** Fewer say nothing of some fifty weights. */
const LEAST = 300;
/** Digits of a weight: they are written into a policy. */
const DIGITS = 4;

/**
 * @param ordered - oldest first
 * @returns undefined for too few labels, and where no correction foretells later labels better than a level does
 */
export function learnHead(ordered: readonly SeenLabel[]): Correction | undefined {
  if (ordered.length < LEAST) return undefined;
  const cut = Math.floor(ordered.length * TRIED);
  const [tried, choosing] = [ordered.slice(0, cut), ordered.slice(cut)];
  const lossAt = (penalty: number): number => lossOf(fitted(tried, penalty), choosing);
  let [chosen, least] = [LEVEL_ONLY, lossAt(LEVEL_ONLY)];
  for (const penalty of PENALTIES) {
    const loss = lossAt(penalty);
    if (loss < least) [chosen, least] = [penalty, loss];
  }
  return chosen === LEVEL_ONLY ? undefined : rounded(fitted(ordered, chosen));
}

/** Labels count by their weights, as many in all as there are. */
function fitted(labels: readonly SeenLabel[], penalty: number): Correction {
  const sum = labels.reduce((total, { weight }) => total + weight, 0);
  return fitLogistic(
    labels.map(({ seen }) => seen),
    labels.map(({ isWorse }) => (isWorse ? 1 : 0)),
    {
      penalty,
      offsets: labels.map(({ complexity }) => logOdds(complexity)),
      counts: labels.map(({ weight }) => (weight * labels.length) / sum),
    },
  );
}

/** Mean logarithm of what was foretold for what happened, weighted. */
function lossOf(correction: Correction, labels: readonly SeenLabel[]): number {
  let [sum, weights] = [0, 0];
  for (const { complexity, seen, isWorse, weight } of labels) {
    const p = corrected(complexity, correction, seen);
    sum -= weight * Math.log(Math.max(1e-12, isWorse ? p : 1 - p));
    weights += weight;
  }
  return sum / weights;
}

const rounded = ({ bias, weights }: Correction): Correction => ({
  bias: digits(bias),
  weights: weights.map(digits),
});

const digits = (value: number): number => Number(value.toFixed(DIGITS));
