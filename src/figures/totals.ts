/** The figures of a window, summed over its cells: what the report, the page and the exports have in common. */
import { DIMENSIONS, type Dimension } from '../core/dimensions.ts';
import type {
  Counted,
  FigureGroup,
  Quantiles,
  Requests,
  Savings,
  Spending,
  Spent,
  Totals,
} from '../core/figures.ts';
import type { Energy } from '../core/record.ts';
import type { Cell } from './cells.ts';
import { Figures, METHODS } from './figures.ts';
import type { Histogram } from './histogram.ts';
import { PURPOSES } from './purposes.ts';
import { minus, plus, ZERO } from './range.ts';

export function totalsOf(cells: Iterable<Cell>): Totals {
  const all = [...cells];
  const total = sumOf(all);
  const isEmpty = total.firstMs === Infinity;
  const requests = all.filter(({ key }) => key.kind === 'request');
  const answered = requests.filter(({ key }) => key.outcome === 'answered');
  const byTier = grouped(answered, 'tier');
  return {
    firstMs: isEmpty ? null : total.firstMs,
    lastMs: isEmpty ? null : total.lastMs,
    requests: requestsOf(all, requests, byTier),
    spending: spendingOf(all, total),
    savings: {
      ...comparedOf(total),
      small: comparedOf(byTier.get('small') ?? new Figures()),
    },
    hasLocal: total.get('localAttempts') > 0,
    more: { escalated: total.get('escalated'), fallbacks: total.get('fallbacks') },
    tokens: tokensOf(total),
    egress: { localBytes: total.get('localBytes'), cloudBytes: total.get('cloudBytes') },
    latency: quantilesBy(byTier, ({ latency }) => latency),
    firstToken: quantilesBy(byTier, ({ firstToken }) => firstToken),
    verdicts: {
      pass: total.get('pass'),
      fail: total.get('fail'),
      undecided: total.get('undecided'),
    },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an entry for each
    by: Object.fromEntries(
      DIMENSIONS.map((dimension) => [dimension, groupsOf(all, dimension)]),
    ) as unknown as Totals['by'],
  };
}

function sumOf(cells: Iterable<Cell>): Figures {
  const sum = new Figures();
  for (const cell of cells) cell.addTo(sum);
  return sum;
}

function grouped(
  cells: Iterable<Cell>,
  dimension: Dimension | 'purpose',
): ReadonlyMap<string, Figures> {
  const groups = new Map<string, Figures>();
  for (const cell of cells) {
    const name = cell.key[dimension];
    let sum = groups.get(name);
    if (sum === undefined) groups.set(name, (sum = new Figures()));
    cell.addTo(sum);
  }
  return groups;
}

function requestsOf(
  all: readonly Cell[],
  requests: readonly Cell[],
  answeredBy: ReadonlyMap<string, Figures>,
): Requests {
  const byOutcome = grouped(requests, 'outcome');
  const ended = (outcome: string): number => byOutcome.get(outcome)?.get('requests') ?? 0;
  const from = (tier: string): number => answeredBy.get(tier)?.get('requests') ?? 0;
  const [small, large] = [from('small'), from('large')];
  const sum = sumOf(requests);
  return {
    total: sum.get('requests'),
    outcomes: {
      answered: ended('answered'),
      failed: ended('failed'),
      refused: ended('refused'),
      aborted: ended('aborted'),
    },
    small,
    large,
    pinned: from('pinned'),
    smallShare: small + large === 0 ? null : small / (small + large),
    degraded: sum.get('degraded'),
    shadows: sumOf(all.filter(({ key }) => key.kind === 'shadow')).get('requests'),
  };
}

function spendingOf(all: readonly Cell[], total: Figures): Spending {
  const byPurpose = grouped(all, 'purpose');
  const upstreams = [...grouped(all, 'upstream')].filter(([, each]) => each.get('attempts') > 0);
  const methods = METHODS.map((method) => [method, countedOf(total, method)] as const);
  return {
    total: spentOf(total),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an entry for each
    purposes: Object.fromEntries(
      PURPOSES.map((purpose) => [purpose, spentOf(byPurpose.get(purpose) ?? new Figures())]),
    ) as unknown as Spending['purposes'],
    upstreams: Object.fromEntries(upstreams.map(([name, each]) => [name, spentOf(each)])),
    kinds: Object.fromEntries(total.kinds),
    methods: Object.fromEntries(methods.filter(([, { attempts }]) => attempts > 0)),
    carbon: {
      ...METHODS.map((method) => countedOf(total, `${method}Carbon`)).reduce(bothOf),
      unknown: total.get('carbonUnknown'),
      embodied: countedOf(total, 'embodied'),
    },
    water: { ...countedOf(total, 'water'), unknown: total.get('waterUnknown') },
  };
}

const spentOf = (figures: Figures): Spent => ({
  attempts: figures.get('attempts'),
  nanoUsd: figures.get('nanoUsd'),
  nanoUsdRange: figures.range('nanoUsd'),
  joules: METHODS.map((method) => figures.range(method)).reduce(plus, ZERO),
  unpriced: figures.get('unpriced'),
  unmetered: figures.get('unmetered'),
});

const countedOf = (
  figures: Figures,
  sum: Energy['method'] | `${Energy['method']}Carbon` | 'embodied' | 'water',
): Counted => ({ ...figures.range(sum), attempts: figures.get(sum) });

const bothOf = (a: Counted, b: Counted): Counted => ({
  ...plus(a, b),
  attempts: a.attempts + b.attempts,
});

function comparedOf(figures: Figures): Pick<Savings, 'money' | 'energy'> {
  const nano = figures.get('moneyBaseline');
  const baseline = { low: nano, high: nano };
  const spent = figures.range('moneySpent');
  return {
    money: {
      requests: figures.get('moneyCompared'),
      unknown: figures.get('moneyUnknown'),
      baseline,
      spent,
      saved: minus(baseline, spent),
    },
    energy: {
      requests: figures.get('energyCompared'),
      unknown: figures.get('energyUnknown'),
      baseline: figures.range('energyBaseline'),
      spent: figures.range('energySpent'),
      saved: figures.range('energySaved'),
    },
  };
}

/** Cached input and reasoning are told apart, as in the metrics. */
export function tokensOf(figures: Figures): Totals['tokens'] {
  const [cachedInput, reasoning] = [
    figures.get('cachedInputTokens'),
    figures.get('reasoningTokens'),
  ];
  return {
    input: figures.get('inputTokens') - cachedInput,
    cachedInput,
    output: figures.get('outputTokens') - reasoning,
    reasoning,
  };
}

const quantilesBy = (
  groups: ReadonlyMap<string, Figures>,
  of: (figures: Figures) => Histogram,
): Record<string, Quantiles> =>
  Object.fromEntries([...groups].map(([name, figures]) => [name, quantilesOf(of(figures))]));

const quantilesOf = (durations: Histogram): Quantiles => ({
  count: durations.count,
  p50: durations.quantile(0.5),
  p95: durations.quantile(0.95),
  p99: durations.quantile(0.99),
});

const MOST_GROUPS = 50;

const groupsOf = (all: readonly Cell[], dimension: Dimension): readonly FigureGroup[] =>
  [...grouped(all, dimension)]
    .map(([name, figures]) => ({
      name,
      requests: figures.get('requests'),
      attempts: figures.get('attempts'),
      nanoUsd: figures.get('nanoUsd'),
    }))
    .toSorted(
      (a, b) => b.requests - a.requests || b.nanoUsd - a.nanoUsd || (a.name < b.name ? -1 : 1),
    )
    .slice(0, MOST_GROUPS);
