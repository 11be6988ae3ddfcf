/** Fits P(wrong) to graded answers: a logistic over all kinds and languages with offsets and slopes of each, tested out of fold. */
import {
  statisticNames,
  type Area,
  type ConfidenceModel,
  type KindConfidence,
  type TaskKind,
} from '../core/competence.ts';
import { valueOf, wrongOf } from '../verify/confidence.ts';
import type { Statistics } from '../verify/statistics.ts';
import { areaOf, type Scored } from './area.ts';
import { fitLogistic } from '../lib/logistic.ts';

export interface Observed {
  readonly kind: TaskKind;
  readonly language: string;
  readonly right: boolean;
  readonly statistics: Statistics;
}

const FOLDS = 5;

/** Undefined where nothing could be learned: too few answers, all of them right, or none. */
export function fitConfidence(observed: readonly Observed[]): ConfidenceModel | undefined {
  const model = fitted(observed);
  if (model === undefined) return undefined;
  const judged = judgedOutOfFold(observed);
  const kinds: Partial<Record<TaskKind, KindConfidence>> = {};
  for (const [kind, known] of entriesOf(model.kinds))
    kinds[kind] = { ...known, ...areaOf(judged.filter((one) => one.kind === kind)) };
  return { ...model, kinds, all: areaOf(judged) };
}

interface JudgedAnswer extends Scored {
  readonly kind: TaskKind;
}

/** Each by a model that has not seen it. */
export function judgedOutOfFold(observed: readonly Observed[]): readonly JudgedAnswer[] {
  const folds = foldsOf(observed);
  const models = Array.from({ length: FOLDS }, (_, fold) =>
    fitted(observed.filter((_one, at) => folds[at] !== fold)),
  );
  return observed.flatMap(({ kind, language, right, statistics }, at): JudgedAnswer[] => {
    const model = models[folds[at]!];
    const score = model && wrongOf(model, { kind, language }, statistics);
    const stratum = `${language} ${folds[at]!}`;
    return score === undefined ? [] : [{ kind, stratum, wrong: !right, score }];
  });
}

/** By turns within each kind, so that every fold has every kind. Neighbours in the set are alike: each pair of languages shares a fold. */
function foldsOf(observed: readonly Observed[]): readonly number[] {
  const seen = new Map<TaskKind, number>();
  return observed.map(({ kind }) => {
    const count = seen.get(kind) ?? 0;
    seen.set(kind, count + 1);
    return Math.floor(count / 2) % FOLDS;
  });
}

const NO_AREA: Area = { items: 0, wrong: 0, value: null, low: null };

function fitted(observed: readonly Observed[]): ConfidenceModel | undefined {
  const wrong = observed.filter(({ right }) => !right).length;
  if (observed.length < 2 * FOLDS || wrong === 0 || wrong === observed.length) return undefined;
  const hasEntropy = observed.every(({ statistics }) => statistics.entropy !== undefined);
  const statistics = statisticNames.filter((name) => name !== 'entropy' || hasEntropy);
  const kinds = [...new Set(observed.map(({ kind }) => kind))].toSorted();
  const usual = new Map(kinds.map((kind) => [kind, usualTokens(observed, kind)]));
  const rows = observed.map((one) =>
    statistics.map((name) => valueOf(one.statistics, name, usual.get(one.kind)!) ?? 0),
  );
  const centres = statistics.map((_, at) => mean(rows.map((row) => row[at]!)));
  const scales = statistics.map((_, at) => spread(rows.map((row) => row[at]! - centres[at]!)));
  const standard = rows.map((row) => row.map((value, at) => (value - centres[at]!) / scales[at]!));
  const columns = { kinds, languages: languagesIn(observed) };
  const { bias, weights: all } = fitLogistic(
    standard.map((row, n) => inputsOf(row, observed[n]!, columns)),
    observed.map(({ right }) => (right ? 0 : 1)),
  );
  const next = taking(all);
  const weights = next(statistics.length);
  const found = kinds.map((kind) => {
    const [offset] = next(1);
    const slopes = next(statistics.length).map((slope) => slope * SHRUNK);
    return [kind, { ...NO_AREA, offset: offset!, slopes, usualTokens: usual.get(kind)! }] as const;
  });
  const languages = columns.languages.map((language) => {
    const [offset] = next(1);
    const slopes = next(statistics.length).map((slope) => slope * SHRUNK);
    const within = next(kinds.length).map((value, at) => [kinds[at]!, value]);
    return [language, { offset: offset!, slopes, kinds: Object.fromEntries(within) }] as const;
  });
  return {
    statistics,
    centres,
    scales,
    weights,
    bias,
    kinds: Object.fromEntries(found),
    ...(languages.length === 0 ? {} : { languages: Object.fromEntries(languages) }),
    all: NO_AREA,
  };
}

/** Slopes of a kind or a language are drawn to those of all by as much more: a penalty of four. */
const SHRUNK = 0.5;

interface Columns {
  readonly kinds: readonly TaskKind[];
  readonly languages: readonly string[];
}

/** The statistics; for each kind whether it is that, and its slopes; for each language the same, and its kinds. */
function inputsOf(
  row: readonly number[],
  { kind, language }: Observed,
  { kinds, languages }: Columns,
): readonly number[] {
  const inputs = [...row];
  const put = (isThis: boolean): void => {
    inputs.push(isThis ? 1 : 0);
    for (const value of row) inputs.push(isThis ? value * SHRUNK : 0);
  };
  for (const one of kinds) put(one === kind);
  for (const one of languages) {
    put(one === language);
    for (const each of kinds) inputs.push(one === language && each === kind ? 1 : 0);
  }
  return inputs;
}

/** One language says nothing that the bias does not. */
function languagesIn(observed: readonly Observed[]): readonly string[] {
  const all = [...new Set(observed.map(({ language }) => language))].toSorted();
  return all.length === 1 ? [] : all;
}

/** So many of the values at a time, in their order. */
function taking(values: readonly number[]): (count: number) => readonly number[] {
  let at = 0;
  return (count) => values.slice(at, (at += count));
}

function usualTokens(observed: readonly Observed[], kind: TaskKind): number {
  const lengths = observed
    .filter((one) => one.kind === kind)
    .map(({ statistics }) => statistics.length)
    .toSorted((a, b) => a - b);
  return lengths[Math.floor(lengths.length / 2)] ?? 1;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** A statistic that never varies counts for nothing. */
const spread = (centred: readonly number[]): number =>
  Math.sqrt(mean(centred.map((value) => value * value))) || 1;

function entriesOf<Value>(record: Readonly<Partial<Record<TaskKind, Value>>>): [TaskKind, Value][] {
  // the record's own keys are kinds
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.entries(record) as [TaskKind, Value][];
}
