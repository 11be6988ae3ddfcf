/** Quality of a ranking of prompts for routing between two models, as defined by RouteLLM (arXiv 2406.18665), section 3. */

export interface Judged {
  /** Higher is sent to the large model first. */
  readonly score: number;
  readonly small: number;
  readonly large: number;
}

export interface Quality {
  /** Area between the curve and all-small, as a share of that between all-large and all-small: 0.5 is random. */
  readonly apgr: number;
  /** Share of calls to the large model that recovers 50 % (80 %) of the gap; NaN without a gap. */
  readonly cpt50: number;
  readonly cpt80: number;
}

/** Mean score after sending the first k to the large model, k = 0..n. Ties share their gain equally. */
function curve(judged: readonly Judged[]): Float64Array {
  const order = judged.toSorted((a, b) => b.score - a.score);
  const path = new Float64Array(order.length + 1);
  path[0] = mean(order, (one) => one.small);
  for (let from = 0; from < order.length;) {
    let to = from;
    let gain = 0;
    while (to < order.length && order[to]!.score === order[from]!.score) {
      gain += order[to]!.large - order[to]!.small;
      to += 1;
    }
    for (let at = from; at < to; at += 1) {
      path[at + 1] = path[at]! + gain / (to - from) / order.length;
    }
    from = to;
  }
  return path;
}

export function quality(judged: readonly Judged[]): Quality {
  const path = curve(judged);
  const n = judged.length;
  const gap = path[n]! - path[0]!;
  let area = 0;
  for (let at = 0; at < n; at += 1) area += (path[at]! + path[at + 1]!) / 2 - path[0]!;
  return { apgr: area / n / gap, cpt50: reach(path, 0.5), cpt80: reach(path, 0.8) };
}

/** Smallest share at which the curve recovers `part` of the gap; NaN if the large model is no better. */
function reach(path: Float64Array, part: number): number {
  const n = path.length - 1;
  const gap = path[n]! - path[0]!;
  if (gap <= 0) return Number.NaN;
  for (let at = 0; at <= n; at += 1) if (path[at]! - path[0]! >= part * gap - 1e-12) return at / n;
  return 1;
}

/** Expected calibration error over ten bins of equal count: mean distance of forecast and outcome, both 0..1. */
export function calibrationError(
  forecasts: readonly { forecast: number; outcome: number }[],
): number {
  const order = forecasts.toSorted((a, b) => a.forecast - b.forecast);
  const bins = Math.min(10, order.length);
  let error = 0;
  for (let bin = 0; bin < bins; bin += 1) {
    const part = order.slice(
      Math.floor((bin * order.length) / bins),
      Math.floor(((bin + 1) * order.length) / bins),
    );
    const gap = mean(part, (one) => one.forecast) - mean(part, (one) => one.outcome);
    error += (Math.abs(gap) * part.length) / order.length;
  }
  return error;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** 95 % percentile bootstrap of a statistic over rows drawn with replacement. NaN draws are left out. */
export function bootstrap<T>(
  rows: readonly T[],
  statistic: (drawn: readonly T[]) => number,
  { draws, random }: { draws: number; random: () => number },
): Interval {
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw += 1) {
    const drawn = rows.map(() => rows[Math.floor(random() * rows.length)]!);
    const value = statistic(drawn);
    if (Number.isFinite(value)) values.push(value);
  }
  values.sort((a, b) => a - b);
  return {
    low: values[Math.floor(values.length * 0.025)] ?? Number.NaN,
    high: values[Math.floor(values.length * 0.975)] ?? Number.NaN,
  };
}

export { seededRandom as seeded } from '../lib/random.ts';

export function mean<T>(rows: readonly T[], of: (row: T) => number): number {
  let sum = 0;
  for (const row of rows) sum += of(row);
  return rows.length === 0 ? Number.NaN : sum / rows.length;
}

/** Spearman's rank correlation; ties share their mean rank. */
export function spearman(one: readonly number[], other: readonly number[]): number {
  const [a, b] = [ranks(one), ranks(other)];
  const middle = (one.length - 1) / 2;
  let [product, first, second] = [0, 0, 0];
  for (let at = 0; at < one.length; at += 1) {
    const [x, y] = [a[at]! - middle, b[at]! - middle];
    product += x * y;
    first += x * x;
    second += y * y;
  }
  return product / Math.sqrt(first * second);
}

function ranks(values: readonly number[]): Float64Array {
  const order = values.map((_, at) => at).toSorted((a, b) => values[a]! - values[b]!);
  const found = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to += 1;
    for (let at = from; at < to; at += 1) found[order[at]!] = (from + to - 1) / 2;
    from = to;
  }
  return found;
}

/** The chance that a row that holds has the higher score than one that does not; ties count half. */
export function areaUnderCurve<T>(
  rows: readonly T[],
  score: (row: T) => number,
  holds: (row: T) => boolean,
): number {
  const order = ranks(rows.map(score));
  const count = rows.filter(holds).length;
  let sum = 0;
  rows.forEach((row, at) => {
    if (holds(row)) sum += order[at]!;
  });
  return (sum - (count * (count - 1)) / 2) / (count * (rows.length - count));
}
