/**
 * Fits what is at stake: kernel ridge regression on `stakes.tsv`, requests of our own writing in 22 languages,
 * each with what is at stake or `none`; look-alikes ("the process was killed") are among the latter.
 */
import { readFileSync } from 'node:fs';
import { type Meaning, meaning } from '../signals/meaning/meaning.ts';
import { packNumbers } from '../signals/meaning/packed-numbers.ts';
import {
  STAKES_DIMENSIONS,
  STAKES_VERSION,
  STAKES_WIDTH,
  stakesText,
  type StoredStakes,
} from '../signals/stakes/machine.ts';
import type { Row } from './dataset.ts';
import { factorise, solveFactorised } from './linear-algebra.ts';

export interface StakesRow {
  readonly kind: string;
  readonly lang: string;
  readonly text: string;
}

const FILE = new URL('./stakes.tsv', import.meta.url);
const PENALTY = 0.1;
const NONE = 'none';
const MAX_BYTE = 127;

/** Every row of the file: kind, language and text, apart by tabs. */
export function stakesRows(): StakesRow[] {
  return readFileSync(FILE, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [kind = '', lang = '', text = ''] = line.split('\t');
      return { kind, lang, text };
    });
}

/** Tasks of everyday rows that are taken for harmless: few of them are not. */
const HARMLESS =
  /^(maths|logic|creative|roleplay|translate|rewrite|code-explain|fact|classify|extract|summarise|writing|chat)$/;
const HARMLESS_STEP = 3;
const HARMLESS_WEIGHT = 1;

/** Everyday requests that put nothing at stake, as far as their task says: they fill the space between. */
export function harmlessRows(rows: readonly Row[]): StakesRow[] {
  return rows
    .filter(({ task, need }) => need !== undefined && HARMLESS.test(task))
    .filter((_, at) => at % HARMLESS_STEP === 0)
    .map(({ lang, turns }) => ({
      kind: NONE,
      lang,
      text: turns.findLast(({ role }) => role === 'user')?.text ?? '',
    }));
}

/** `rows` are the examples that similarity is measured to; `harmless` ones only hold the outputs down. */
export function fitStakes(
  rows: readonly StakesRow[],
  harmless: readonly StakesRow[],
  read: Meaning = meaning(),
): StoredStakes {
  const kinds = [...new Set(rows.map(({ kind }) => kind))].filter((kind) => kind !== NONE);
  const all = [...rows, ...harmless];
  const pooled = new Float64Array(read.dimensions);
  const points = all.map(({ text }) => {
    read.pool(stakesText(text), pooled);
    return pooled.slice(0, STAKES_DIMENSIONS);
  });
  const marks = points.slice(0, rows.length);
  const most = marks.reduce(
    (max, point) => point.reduce((m, v) => Math.max(m, Math.abs(v)), max),
    0,
  );
  const step = most / MAX_BYTE;
  const bytes = Int8Array.from(
    marks.flatMap((point) => [...point].map((v) => Math.round(v / step))),
  );
  const solve = solver(points, rows.length);
  const outputs = [...kinds.map((kind) => [kind]), kinds].map((named) =>
    solve(Float64Array.from(all, ({ kind }) => (named.includes(kind) ? 1 : 0))),
  );
  const weights = Array.from({ length: rows.length + 1 }, (_, row) =>
    outputs.map((output) => output[row]!),
  );
  return {
    version: STAKES_VERSION,
    kinds,
    dimensions: STAKES_DIMENSIONS,
    examples: Buffer.from(bytes.buffer).toString('base64'),
    step,
    weights: packNumbers(weights.flat()),
  };
}

/** For given targets the weight of each of the first `marks` points, and the bias last (Nyström). */
function solver(
  points: readonly Float64Array[],
  marks: number,
): (targets: Float64Array) => Float64Array {
  const side = marks + 1;
  const weightOf = (row: number): number => (row < marks ? 1 : HARMLESS_WEIGHT);
  const kernel = points.map((one) =>
    Float64Array.from({ length: side }, (_, mark) =>
      mark === marks ? 1 : similarity(one, points[mark]!),
    ),
  );
  const matrix = new Float64Array(side * side);
  for (let a = 0; a < side; a += 1)
    for (let b = 0; b <= a; b += 1) {
      const sum = kernel.reduce((all, row, at) => all + weightOf(at) * row[a]! * row[b]!, 0);
      const prior = a === marks ? Number(b === a) : kernel[a]![b]! + (a === b ? 1e-4 : 0);
      matrix[a * side + b] = sum + PENALTY * prior;
    }
  factorise(matrix, side);
  return (targets) => {
    const right = Float64Array.from({ length: side }, (_, a) =>
      kernel.reduce((sum, row, at) => sum + weightOf(at) * row[a]! * targets[at]!, 0),
    );
    return solveFactorised(matrix, right);
  };
}

const similarity = (a: Float64Array, b: Float64Array): number =>
  Math.exp(-STAKES_WIDTH * a.reduce((sum, value, at) => sum + (value - b[at]!) ** 2, 0));
