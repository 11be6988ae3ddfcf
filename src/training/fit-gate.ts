/** Fits the gate between the two heads: how much a request is like an exam's question, and not like what people send. */
import type { StoredNeed } from '../signals/complexity/need.ts';
import { packNumbers, unpackNumbers } from '../signals/meaning/packed-numbers.ts';
import type { Row } from './dataset.ts';
import { translationDirections, without } from './directions.ts';
import type { Pair } from './own-rows.ts';
import { fitRidge, type Sample } from './ridge.ts';
import { standardised, standardPair } from './scaling.ts';
import { isPrior, smallRight } from './targets.ts';

export interface Described {
  readonly row: Row;
  readonly inputs: Float64Array;
}

/** With 3 real prompts that are left out lose .02 of Spearman, and benchmarks .001 of APGR on the mean. */
const PENALTY = 30;
/** Rows of one benchmark that teach at most. */
const MAX_ROWS = 400;

/**
 * Rows that teach the gate: English rated ones, and evenly spread ones of each measured benchmark and intent
 * list. Exams are measured in English alone: with other languages it would learn to tell languages apart.
 */
export function gateRows(rows: readonly Row[]): Row[] {
  const byBench = Map.groupBy(rows, ({ bench }) => bench);
  return [...byBench.values()].flatMap((list) => {
    const usable = list.filter(
      (row) => row.need !== undefined || row.small !== undefined || smallRight(row) !== undefined,
    );
    if (usable[0]?.need !== undefined) return usable.filter(({ lang }) => lang === 'en');
    const step = Math.max(1, usable.length / MAX_ROWS);
    const count = Math.min(MAX_ROWS, usable.length);
    return Array.from({ length: count }, (_, at) => usable[Math.floor(at * step)]!);
  });
}

/** A benchmark's question, as against customers' requests and rated ones. */
const isExam = (row: Row): boolean => row.need === undefined && !isPrior(row);

/**
 * So many rows each row of its side counts for. What only has an intent or a tier is far from any exam: in full it
 * hides the narrow line between exams and what people ask. Tasks of programming look most like requests: a benchmark of
 * them that was not shown is taken for requests least often where the others count twice.
 */
const PRIOR_WEIGHT = 0.25;
const PROGRAMMING_WEIGHT = 2;
const PROGRAMMING: ReadonlySet<string> = new Set(['mbpp', 'humaneval']);

function timesOf(row: Row): number {
  if (isPrior(row)) return PRIOR_WEIGHT;
  return PROGRAMMING.has(row.family) ? PROGRAMMING_WEIGHT : 1;
}

/** A pair counts for so many rows of the one side. */
const PAIR_WEIGHT = 4;

/**
 * The model with a gate that was fitted to these rows: ridge regression, exams 1 and others 0, both sides equal, and
 * what is said alike in two languages alike.
 */
export function withGate<Stored extends Pick<StoredNeed, 'middle' | 'factor' | 'limit'>>(
  stored: Stored,
  examples: readonly Described[],
  pairs: readonly Pair[],
): Stored & Pick<StoredNeed, 'gate' | 'gateBias'> {
  const scaling = {
    middle: unpackNumbers(stored.middle),
    factor: unpackNumbers(stored.factor),
    limit: unpackNumbers(stored.limit),
  };
  const known = pairs.map((pair) => standardPair(pair, scaling));
  const shifts = translationDirections(known);
  const total = (of: readonly Described[]): number =>
    of.reduce((sum, { row }) => sum + timesOf(row), 0);
  const exams = total(examples.filter(({ row }) => isExam(row)));
  const others = total(examples.filter(({ row }) => !isExam(row)));
  const samples = examples.map(({ row, inputs }): Sample => {
    const features = without(standardised(inputs, scaling), shifts);
    const [target, side] = isExam(row) ? [1, exams] : [0, others];
    return { features, target, weight: (timesOf(row) * examples.length) / 2 / side };
  });
  const vectors = known.map(({ english, other }) =>
    without(
      other.map((value, at) => value - english[at]!),
      shifts,
    ),
  );
  const { bias, slopes } = fitRidge(samples, PENALTY, { vectors, weight: PAIR_WEIGHT });
  return { ...stored, gate: packNumbers(without(slopes, shifts)), gateBias: bias };
}
