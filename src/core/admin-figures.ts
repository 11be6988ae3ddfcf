/** `GET /admin/summary` and `/admin/series`: what may be asked, and what is answered. */
import { z } from 'zod';
import type { Frozen } from '../lib/frozen.ts';
import { DIMENSIONS } from './dimensions.ts';

/** The metrics of `/admin/series`, each with its unit. */
export const METRICS = {
  /** Requests; shadows are none. */
  requests: 'count',
  failed: 'count',
  refused: 'count',
  fallbacks: 'count',
  degraded: 'count',
  escalated: 'count',
  /** Answered by the small model, of those that small or large answered. */
  smallShare: 'share',
  /** All spending as booked; shadows and drafts are in it. */
  cost: 'nanoUsd',
  /** What the large model would have cost for the same tokens, where that and the cost are known. */
  baseline: 'nanoUsd',
  /** `baseline` less all spending; a range, since the price of electricity is one. */
  saved: 'nanoUsd',
  /** Input, cached input, output, reasoning. */
  tokens: 'tokens',
  /** p50, p95, p99 of answered requests; at most 5 % off. */
  latency: 'ms',
  firstToken: 'ms',
  /** A line for each method: methods are never added up. */
  energy: 'J',
  carbon: 'g',
  water: 'ml',
  /** Bytes that left for the cloud, and for local upstreams. */
  egress: 'bytes',
  /** Attempts that used tokens of no known price, or no known energy. */
  unpriced: 'count',
  unmetered: 'count',
  /** Answers that were checked: pass, fail, undecided. */
  verdicts: 'count',
} as const;

export type Metric = keyof typeof METRICS;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- at least one, and no others
const metricNames = Object.keys(METRICS) as [Metric, ...Metric[]];

/** Lengths of a step. `1d` begins at midnight of the zone. */
const STEPS = ['1m', '5m', '15m', '1h', '6h', '1d'] as const;

export type Step = (typeof STEPS)[number];

const names = z.array(z.string().max(512)).max(50);

/** Several values of one dimension: any of them. */
const figureFilters = z.strictObject({
  tier: z.exactOptional(names),
  upstream: z.exactOptional(names),
  model: z.exactOptional(names),
  key: z.exactOptional(names),
  rule: z.exactOptional(names),
  domain: z.exactOptional(names),
  outcome: z.exactOptional(names),
  kind: z.exactOptional(names),
});

export type FigureFilters = z.output<typeof figureFilters>;

const time = z.exactOptional(z.coerce.number().min(0));

/** Milliseconds since the epoch. Widened to whole minutes; the default is the last 24 hours. */
export const summaryQuery = figureFilters.extend({ from: time, to: time });

/** Widened to whole steps. `step`: by default what makes 60 to 180 of them. `zone`: whose midnights days begin at. */
export const seriesQuery = summaryQuery.extend({
  metric: z.enum(metricNames),
  by: z.exactOptional(z.enum(DIMENSIONS)),
  step: z.exactOptional(z.enum(STEPS)),
  zone: z.string().max(64).default('UTC'),
});

const count = z.int().min(0);
const ms = z.number();
/** Both ends of what is known. */
const range = z.object({ low: z.number(), high: z.number() });
const counted = range.extend({ attempts: count });

const compared = z.object({
  requests: count,
  unknown: count,
  baseline: range,
  spent: range,
  saved: range,
});

const spent = z.object({
  attempts: count,
  nanoUsd: z.number(),
  nanoUsdRange: range,
  joules: range,
  unpriced: count,
  unmetered: count,
});

const footprint = counted.extend({ unknown: count, embodied: z.exactOptional(counted) });

const breakEven = z.object({
  best: z.number().nullable(),
  worst: z.number().nullable(),
  requestsAMonth: z.number(),
});

/** What `smallfirst report --json` prints and `GET /admin/report` answers. */
export const reportAnswer = z.object({
  period: z.object({
    sinceMs: ms,
    untilMs: ms,
    firstMs: ms.nullable(),
    lastMs: ms.nullable(),
    spanMs: ms,
  }),
  requests: z.object({
    total: count,
    outcomes: z.object({ answered: count, failed: count, refused: count, aborted: count }),
    small: count,
    large: count,
    pinned: count,
    smallShare: z.number().nullable(),
    degraded: count,
    shadows: count,
  }),
  spending: z.object({
    total: spent,
    purposes: z.record(z.string(), spent),
    upstreams: z.record(z.string(), spent),
    kinds: z.record(z.string(), z.number()),
    methods: z.partialRecord(z.enum(['measured', 'attributed', 'modelled']), counted),
    carbon: footprint,
    water: footprint,
  }),
  machine: z.object({
    idleWatts: z.number(),
    idleSource: z.string(),
    idleJ: range,
    idleNanoUsd: z.number(),
    hardwareNanoUsd: z.number().nullable(),
    fixedNanoUsd: range,
  }),
  savings: z.object({
    money: compared,
    energy: compared,
    small: z.object({ money: compared, energy: compared }),
    moneyAfterMachine: range,
    energyAfterMachine: range,
  }),
  claim: z.object({
    requests: count,
    share: range.nullable(),
    shareWithIdle: range.nullable(),
    month: z.object({ small: range, idle: range, large: range }),
    breakEven: z.object({ energy: breakEven, money: breakEven }),
  }),
});

/** Milliseconds, from a histogram: at most 5 % off. Null where nothing was counted. */
const quantiles = z.object({
  count,
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
});

const group = z.object({
  name: z.string(),
  requests: count,
  attempts: count,
  nanoUsd: z.number(),
});

/** Shares of answers that are no worse than the large model's, 0 to 1. */
const quality = z.object({
  audits: count,
  /** With one-sided bounds of 95 %, corrected for the judge's errors; null: no audit that counts. */
  kept: z.object({ low: z.number(), estimate: z.number(), high: z.number() }).nullable(),
  /** What the policy wants kept; null: it names no such objective. */
  objective: z.number().nullable(),
  /** What is known of the promise, in words; null as before. */
  said: z.string().nullable(),
});
export type AuditedQuality = Frozen<z.output<typeof quality>>;

/** The report of a window, narrowed by the filters, and what only the dashboard shows. */
export const summaryAnswer = reportAnswer.extend({
  /** Requests that a check of a draft gave to the large model, and those that a later target answered. */
  more: z.object({ escalated: count, fallbacks: count }),
  tokens: z.object({ input: count, cachedInput: count, output: count, reasoning: count }),
  egress: z.object({ localBytes: count, cloudBytes: count }),
  /** By the tier that answered. */
  latency: z.record(z.string(), quantiles),
  firstToken: z.record(z.string(), quantiles),
  verdicts: z.object({ pass: count, fail: count, undecided: count }),
  /** Of the active policy's small answers, by the audits of 90 days, whatever the window; null: none, and none promised. */
  quality: quality.nullable(),
  /** At most 50 of each dimension, those with the most requests, then with the most spending, first. */
  by: z.record(z.enum(DIMENSIONS), z.array(group)),
  /** Older records are still being counted: figures from before this time are too low. Null: all are counted. */
  countedFromMs: ms.nullable(),
});

export type Summary = Frozen<z.output<typeof summaryAnswer>>;

const line = z.object({
  /** The value of `by`; empty without it. */
  name: z.string(),
  /** Such as `p95`, `low`, `high`, `output`; empty where a metric has one figure. */
  part: z.string(),
  /** Of energy and carbon, whose lines are never added up. */
  method: z.exactOptional(z.enum(['measured', 'attributed', 'modelled'])),
  /** One for each of `times`; null where nothing is known, which is not 0. */
  values: z.array(z.number().nullable()),
});

export type SeriesLine = Frozen<z.output<typeof line>>;

export const seriesAnswer = z.object({
  metric: z.enum(metricNames),
  unit: z.enum([...new Set(Object.values(METRICS))]),
  by: z.enum(DIMENSIONS).nullable(),
  fromMs: ms,
  toMs: ms,
  step: z.enum(STEPS),
  zone: z.string(),
  /** When each step begins, in milliseconds since the epoch. */
  times: z.array(ms),
  lines: z.array(line),
  countedFromMs: ms.nullable(),
});

export type Series = Frozen<z.output<typeof seriesAnswer>>;
