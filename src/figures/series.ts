/** Series of a metric over the steps of a window, a line for each value of a dimension. */
import type { FigureFilters, Metric, SeriesLine } from '../core/admin-figures.ts';
import type { Dimension } from '../core/dimensions.ts';
import type { Cell } from './cells.ts';
import type { CellKey } from './count.ts';
import { Figures, METHODS, type Sum } from './figures.ts';
import type { Histogram } from './histogram.ts';
import { minus } from './range.ts';
import { tokensOf } from './totals.ts';

export interface SeriesWanted {
  readonly metric: Metric;
  readonly by: Dimension | null;
  readonly filters: FigureFilters;
  /** How many steps there are. */
  readonly steps: number;
}

/** A cell, and the place of the step that it is in. */
export type StepCell = readonly [step: number, cell: Cell];

/** More lines than these in one chart can be told apart by nobody: the smaller ones are summed in `others`. */
const MOST_LINES = 20;
const OTHERS = 'others';

export function seriesOf(cells: Iterable<StepCell>, wanted: SeriesWanted): readonly SeriesLine[] {
  const { metric, by, steps } = wanted;
  const takes = takerOf(wanted);
  const groups = new Map<string, Map<number, Figures>>();
  for (const [step, cell] of cells) {
    if (takes(cell.key)) cell.addTo(sumAt(groups, by === null ? '' : cell.key[by], step));
  }
  return [...largest(groups)].flatMap(([name, bySteps]) => linesOf(name, bySteps, metric, steps));
}

function sumAt(groups: Map<string, Map<number, Figures>>, name: string, step: number): Figures {
  let bySteps = groups.get(name);
  if (bySteps === undefined) groups.set(name, (bySteps = new Map()));
  let sum = bySteps.get(step);
  if (sum === undefined) bySteps.set(step, (sum = new Figures()));
  return sum;
}

function largest(
  groups: Map<string, Map<number, Figures>>,
): ReadonlyMap<string, Map<number, Figures>> {
  const sorted = [...groups]
    .map(([name, bySteps]) => ({ name, bySteps, weight: weightOf(bySteps) }))
    .toSorted((a, b) => b.weight - a.weight || (a.name < b.name ? -1 : 1));
  const kept = new Map(sorted.slice(0, MOST_LINES).map(({ name, bySteps }) => [name, bySteps]));
  for (const { bySteps } of sorted.slice(MOST_LINES)) {
    for (const [step, figures] of bySteps) sumAt(kept, OTHERS, step).merge(figures);
  }
  return kept;
}

const weightOf = (bySteps: ReadonlyMap<number, Figures>): number =>
  [...bySteps.values()].reduce(
    (sum, figures) => sum + figures.get('requests') + figures.get('attempts'),
    0,
  );

/**
 * Requests and their durations are those of requests, unless shadows are told apart or asked for; durations are those of answers,
 * unless an outcome is. What was spent is all that was spent.
 */
function takerOf({ metric, by, filters }: SeriesWanted): (key: CellKey) => boolean {
  const isOfRequests = OF_REQUESTS.has(metric) && by !== 'kind' && filters.kind === undefined;
  const isOfAnswers = DURATIONS.has(metric) && by !== 'outcome' && filters.outcome === undefined;
  return ({ kind, outcome }) =>
    (!isOfRequests || kind === 'request') && (!isOfAnswers || outcome === 'answered');
}

const DURATIONS: ReadonlySet<Metric> = new Set(['latency', 'firstToken']);
const OF_REQUESTS: ReadonlySet<Metric> = new Set([
  'requests',
  'degraded',
  'escalated',
  ...DURATIONS,
]);

interface Part extends Pick<SeriesLine, 'part' | 'method'> {
  readonly value: (figures: Figures) => number | null;
}

const sum = (name: Sum): readonly Part[] => [{ part: '', value: (figures) => figures.get(name) }];

const quantiles = (of: (figures: Figures) => Histogram): readonly Part[] =>
  (
    [
      ['p50', 0.5],
      ['p95', 0.95],
      ['p99', 0.99],
    ] as const
  ).map(([part, share]) => ({
    part,
    value: (figures) => of(figures).quantile(share),
  }));

/** Where nobody knows the footprint of any attempt there is none to draw; that is not 0. */
const known =
  (counted: Sum, of: Sum): Part['value'] =>
  (figures) =>
    figures.get(counted) === 0 ? null : figures.get(of);

const byMethod = (of: '' | 'Carbon'): readonly Part[] =>
  METHODS.flatMap((method) => {
    const name = `${method}${of}` as const;
    return [
      { part: 'low', method, value: known(name, `${name}Low`) },
      { part: 'high', method, value: known(name, `${name}High`) },
    ];
  });

const saved = (end: 'low' | 'high'): Part => ({
  part: end,
  value: (figures) => {
    if (figures.get('moneyCompared') === 0) return null;
    const baseline = figures.get('moneyBaseline');
    return minus({ low: baseline, high: baseline }, figures.range('moneySpent'))[end];
  },
});

const PARTS: Readonly<Record<Metric, readonly Part[]>> = {
  requests: sum('requests'),
  failed: sum('failed'),
  refused: sum('refused'),
  fallbacks: sum('fallbacks'),
  degraded: sum('degraded'),
  escalated: sum('escalated'),
  smallShare: [
    {
      part: '',
      value: (figures) => {
        const [small, large] = [figures.get('answeredSmall'), figures.get('answeredLarge')];
        return small + large === 0 ? null : small / (small + large);
      },
    },
  ],
  cost: sum('nanoUsd'),
  baseline: [{ part: '', value: known('moneyCompared', 'moneyBaseline') }],
  saved: [saved('low'), saved('high')],
  tokens: (['input', 'cachedInput', 'output', 'reasoning'] as const).map((part) => ({
    part,
    value: (figures) => tokensOf(figures)[part],
  })),
  latency: quantiles(({ latency }) => latency),
  firstToken: quantiles(({ firstToken }) => firstToken),
  energy: byMethod(''),
  carbon: byMethod('Carbon'),
  water: [
    { part: 'low', value: known('water', 'waterLow') },
    { part: 'high', value: known('water', 'waterHigh') },
  ],
  egress: [
    { part: 'cloud', value: (figures) => figures.get('cloudBytes') },
    { part: 'local', value: (figures) => figures.get('localBytes') },
  ],
  unpriced: sum('unpriced'),
  unmetered: sum('unmetered'),
  verdicts: (['pass', 'fail', 'undecided'] as const).map((part) => ({
    part,
    value: (figures) => figures.get(part),
  })),
};

const NOTHING = new Figures();

/** Lines that know nothing in any step are left out. */
function linesOf(
  name: string,
  bySteps: ReadonlyMap<number, Figures>,
  metric: Metric,
  steps: number,
): readonly SeriesLine[] {
  const figures = Array.from({ length: steps }, (_, step) => bySteps.get(step) ?? NOTHING);
  const lines = PARTS[metric].map(({ value, part, method }) => {
    const values = figures.map(value);
    return method === undefined ? { name, part, values } : { name, part, method, values };
  });
  return lines.filter(({ values }) => values.some((value) => value !== null));
}
