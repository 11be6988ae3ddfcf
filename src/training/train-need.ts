/** From rated requests to the weights of the fast judge: fitted on all, calibrated on slices that were left out. */
import {
  bounded,
  type Calibration,
  type Point,
  valueAt,
} from '../signals/complexity/calibrated.ts';
import { type Inputs, judgeInputs } from '../signals/complexity/inputs.ts';
import type { TradePoint } from '../signals/complexity/model.ts';
import { fastNeed, type Heads } from '../signals/complexity/heads.ts';
import { type NeedFile, NEED_VERSION } from '../signals/complexity/need-file.ts';
import { needModel } from '../signals/complexity/need.ts';
import { RECOVERED } from '../signals/complexity/threshold.ts';
import { calibrationError, mean } from './metrics.ts';
import type { Row } from './dataset.ts';
import { type Described, gateRows, withGate } from './fit-gate.ts';
import { fitNeed, type RatedExample } from './fit-need.ts';
import {
  isAlwaysKnown,
  isCounted,
  ownRequests,
  ownRows,
  type Pair,
  pairsOf,
  ratedWeight,
  translatedRows,
} from './own-rows.ts';
import { spearman } from './metrics.ts';

export interface Rated extends RatedExample {
  readonly row: Row;
  /** What is left out together: a writer's slice of the everyday rows, else a source. */
  readonly fold: string;
  /** P(the small model fails) by the second head. */
  readonly second: number;
  /** The task as it is meant. */
  readonly said: string;
}

/** A rated row with what a judge says that saw nothing of its fold. */
export interface LeftOut extends Rated {
  readonly raw: number;
  readonly heads: Heads;
}

const CALIBRATION_BINS = 16;
const INTERVAL_BINS = 10;
const TRADE_POINTS = 101;
const MAX_EXAMPLE_UNITS = 90;
const INTERVAL_TAIL = 0.1;

export interface Material {
  readonly inputs: Inputs;
  readonly rated: readonly Rated[];
  /** What is said alike in English and in another language. */
  readonly pairs: readonly Pair[];
  /** What teaches the gate. */
  readonly gate: readonly (Described & { readonly said: string })[];
}

/** `second` says what the second head makes of the inputs that were read last. */
export function materialOf(rows: readonly Row[], second: (inputs: Inputs) => number): Material {
  const inputs = judgeInputs();
  const rated = [...rows, ...ownRows(), ...translatedRows(rows), ...ownRequests()].flatMap(
    (row): Rated[] => {
      if (row.need === undefined) return [];
      const values = Float64Array.from(inputs.read(row.turns));
      return [
        {
          row,
          fold: foldOf(row),
          need: row.need,
          weight: ratedWeight(row),
          inputs: values,
          second: second(inputs),
          said: inputs.said(),
        },
      ];
    },
  );
  const gate = gateRows(rows).map((row) => ({
    row,
    inputs: Float64Array.from(inputs.read(row.turns)),
    said: inputs.said(),
  }));
  return { inputs, rated, gate, pairs: pairsOf(rated) };
}

/** Everyday rows are numbered by writer: `w3-0123`. */
const foldOf = ({ id, bench }: Row): string => /^(w\d+)-/.exec(id)?.[1] ?? bench;

/** Rows that are left out together: those of a writer or a source. */
export const foldsOf = ({ rated }: Pick<Material, 'rated'>): Rated[][] =>
  [...Map.groupBy(rated, ({ fold }) => fold)]
    .filter(([fold]) => !isAlwaysKnown(fold))
    .map(([, rows]) => rows);

const PARTS = 5;
/** The real prompts in five parts, each left out with the other four and all else trained on. */
export const realPartsOf = ({ rated }: Pick<Material, 'rated'>): Rated[][] => {
  const real = rated.filter(({ row }) => row.bench === 'arena_hard');
  return Array.from({ length: PARTS }, (_, part) => real.filter((__, at) => at % PARTS === part));
};

/** What a judge says of each row that was fitted without the row's fold. */
export function leaveFoldsOut(
  material: Material,
  folds: readonly (readonly Rated[])[] = foldsOf(material),
): LeftOut[] {
  const { rated, inputs, gate, pairs } = material;
  return folds.flatMap((fold) => {
    const without = new Set(fold);
    const { stored } = fitNeed(
      rated.filter((one) => !without.has(one)),
      inputs.parts,
      pairs,
    );
    const held = fold.filter(({ row }) => isCounted(row));
    const out = new Set(held.map(({ row }) => row));
    const model = needModel(
      withGate(
        stored,
        gate.filter(({ row }) => !out.has(row)),
        pairs,
      ),
    );
    return held.map((one): LeftOut => {
      const heads = model.predict(one.inputs);
      return Object.assign({}, one, { heads, raw: fastNeed(heads, one.second) });
    });
  });
}

export function needFile(hash: string, material: Material, left: readonly LeftOut[]): NeedFile {
  const { rated, inputs, pairs } = material;
  const calibration = calibrate(left);
  const { stored, places } = fitNeed(rated, inputs.parts, pairs);
  return {
    version: NEED_VERSION,
    dataHash: hash,
    rows: rated.length,
    model: withGate(stored, material.gate, pairs),
    calibration,
    examples: places.map((place) => exampleOf(rated[place]!)),
    trade: tradeOf(left, calibration),
    metrics: metricsOf(left, calibration),
  };
}

/** A rated request as an explanation may show it: short ones of one message, of our own writing. */
export function exampleOf({
  row,
  need,
}: Pick<Rated, 'row' | 'need'>): NeedFile['examples'][number] {
  const [only, ...others] = row.turns;
  const text = only?.text.replaceAll(/\s+/g, ' ') ?? '';
  const isShown =
    row.bench === 'everyday' && others.length === 0 && text.length <= MAX_EXAMPLE_UNITS;
  return { need: round(need), text: isShown ? text : '' };
}

/** Mean raw and mean need in bins of equal count, pooled where they do not rise (pool adjacent violators). */
export function calibrate(left: readonly LeftOut[]): Calibration {
  const order = left.toSorted((a, b) => a.raw - b.raw);
  const pools: { raw: number; need: number; count: number }[] = [];
  for (const bin of binsOf(order, CALIBRATION_BINS)) {
    let pool = {
      raw: mean(bin, ({ raw }) => raw),
      need: mean(bin, ({ need }) => need),
      count: bin.length,
    };
    for (
      let last = pools.at(-1);
      last !== undefined && last.need >= pool.need;
      last = pools.at(-1)
    ) {
      pools.pop();
      const count = last.count + pool.count;
      const { count: before } = last;
      const after = pool.count;
      const of = (a: number, b: number): number => (a * before + b * after) / count;
      pool = { raw: of(last.raw, pool.raw), need: of(last.need, pool.need), count };
    }
    pools.push(pool);
  }
  const complexity = withEnds(
    pools.map(({ raw, need }): Point => ({ at: round(raw), value: round(need) })),
  );
  return { complexity, ...intervals(left, complexity) };
}

/** The line goes on as steep as in the middle, so that the most and the least complex still differ. */
function withEnds(points: readonly Point[]): Point[] {
  const [first, last] = [points[0]!, points.at(-1)!];
  return [
    { at: round(first.at - END_REACH), value: round(bounded(first.value - END_SLOPE * END_REACH)) },
    ...points,
    { at: round(last.at + END_REACH), value: round(bounded(last.value + END_SLOPE * END_REACH)) },
  ];
}
const END_REACH = 0.4;
const END_SLOPE = 0.6;

function intervals(
  left: readonly LeftOut[],
  line: readonly Point[],
): Omit<Calibration, 'complexity'> {
  const judged = left.map(({ need, raw }) => ({ need, complexity: valueAt(line, raw) }));
  const order = judged.toSorted((a, b) => a.complexity - b.complexity);
  const [low, high]: [Point[], Point[]] = [[], []];
  for (const bin of binsOf(order, INTERVAL_BINS)) {
    const at = round(mean(bin, ({ complexity }) => complexity));
    const needs = bin.map(({ need }) => need).toSorted((a, b) => a - b);
    low.push({ at, value: round(quantile(needs, INTERVAL_TAIL)) });
    high.push({ at, value: round(quantile(needs, 1 - INTERVAL_TAIL)) });
  }
  return { low, high };
}

function binsOf<T>(order: readonly T[], count: number): T[][] {
  return Array.from({ length: Math.min(count, order.length) }, (_, bin) =>
    order.slice(
      Math.floor((bin * order.length) / count),
      Math.floor(((bin + 1) * order.length) / count),
    ),
  );
}

const quantile = (sorted: readonly number[], at: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(at * sorted.length))]!;

/** What each threshold sends to the large model and keeps of its quality, on the rated rows left out. */
export function tradeOf(left: readonly LeftOut[], { complexity: line }: Calibration): TradePoint[] {
  const order = left
    .map(({ need, raw }) => ({ need, complexity: valueAt(line, raw) }))
    .toSorted((a, b) => a.complexity - b.complexity);
  const best = order.reduce((sum, { need }) => sum + 1 - (1 - RECOVERED) * need, 0);
  const found: TradePoint[] = [];
  let kept = best;
  order.forEach(({ need, complexity }, below) => {
    if (below / order.length >= found.length / (TRADE_POINTS - 1))
      found.push({
        threshold: round(complexity),
        largeShare: round(1 - below / order.length),
        quality: round(kept / best),
      });
    kept -= RECOVERED * need;
  });
  const most = order.at(-1)!.complexity;
  return [...found, { threshold: round(most + 1e-4), largeShare: 0, quality: round(kept / best) }];
}

export function metricsOf(
  left: readonly LeftOut[],
  { complexity }: Calibration,
): NeedFile['metrics'] {
  const order = (rows: readonly LeftOut[]): number =>
    round(
      spearman(
        rows.map(({ raw }) => raw),
        rows.map(({ need }) => need),
      ),
    );
  const error = (rows: readonly LeftOut[]): number =>
    round(
      calibrationError(
        rows.map(({ raw, need }) => ({ forecast: valueAt(complexity, raw), outcome: need })),
      ),
    );
  const by = (key: (one: LeftOut) => string, of: (rows: readonly LeftOut[]) => number, least = 0) =>
    Object.fromEntries(
      [...Map.groupBy(left, key)]
        .filter(([, rows]) => rows.length >= least)
        .map(([name, rows]) => [name, of(rows)]),
    );
  return {
    spearmanLeftOut: by(({ fold }) => fold, order),
    spearmanByLanguage: by(({ row }) => row.lang, order, MIN_LANGUAGE_ROWS),
    calibrationError: error(left),
    calibrationErrorByLanguage: by(({ row }) => row.lang, error, MIN_LANGUAGE_ROWS),
  };
}
const MIN_LANGUAGE_ROWS = 50;

const round = (value: number): number => Math.round(value * 10_000) / 10_000;
