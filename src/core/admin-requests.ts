/** `GET /admin/requests?view=rows` and its `.csv`: one short row a record. */
import { z } from 'zod';
import type { Frozen } from '../lib/frozen.ts';
import { KINDS } from './dimensions.ts';

const METHODS = ['measured', 'attributed', 'modelled'] as const;

export const requestRow = z.object({
  id: z.string(),
  /** Milliseconds since the epoch. */
  atMs: z.number(),
  kind: z.enum(KINDS),
  key: z.string(),
  outcome: z.enum(['answered', 'failed', 'refused', 'aborted']),
  status: z.int(),
  /** Of the attempt that answered, else of the last one; absent where nobody was asked. */
  tier: z.exactOptional(z.enum(['small', 'large', 'pinned'])),
  upstream: z.exactOptional(z.string()),
  model: z.exactOptional(z.string()),
  /** Absent where it failed before it was decided. */
  rule: z.exactOptional(z.string()),
  domain: z.exactOptional(z.string()),
  /** 0 to 1, two decimals. */
  complexity: z.exactOptional(z.number()),
  /** All attempts together; absent: not known, which is not 0. */
  nanoUsd: z.exactOptional(z.number()),
  /** Some attempt used tokens of no known price, so that `nanoUsd` is too low or absent. */
  unpriced: z.exactOptional(z.literal(true)),
  /** Joules, low and high, three figures each; absent: not known. */
  energyJ: z.exactOptional(z.tuple([z.number(), z.number()])),
  /** Of that energy; absent where attempts differ. */
  method: z.exactOptional(z.enum(METHODS)),
  /** Milliseconds, one decimal. */
  latencyMs: z.number(),
  ttftMs: z.exactOptional(z.number()),
  /** Input and output of the answer. */
  tokens: z.exactOptional(z.tuple([z.number(), z.number()])),
  error: z.exactOptional(z.string()),
  /** Not the policy's first choice. */
  degraded: z.exactOptional(z.literal(true)),
  /** A small answer failed its check, and the large model answered. */
  escalated: z.exactOptional(z.literal(true)),
});

export type RequestRow = Frozen<z.output<typeof requestRow>>;

const SORTS = ['time', 'cost', 'latency'] as const;

const some = z.exactOptional(z.array(z.string().max(512)).max(50));
const bound = z.exactOptional(z.coerce.number().min(0));
const flag = z.exactOptional(z.stringbool());

/** Several values of one filter: any of them. Filters of several kinds: all of them. */
const requestFilters = z.strictObject({
  /** Part of a key's, model's or rule's name, any case; or an id, or its beginning. */
  text: z.exactOptional(z.string().max(512)),
  tier: some,
  upstream: some,
  model: some,
  key: some,
  rule: some,
  domain: some,
  outcome: some,
  kind: some,
  degraded: flag,
  escalated: flag,
  minNanoUsd: bound,
  maxNanoUsd: bound,
  minLatencyMs: bound,
  maxLatencyMs: bound,
  /** Milliseconds since the epoch: from here, inclusive, to there, exclusive. */
  from: bound,
  to: bound,
});

export type RequestFilters = z.output<typeof requestFilters>;

/** `sort`: by default the newest first; the dearest or the slowest first. */
export const requestsQuery = requestFilters.extend({
  view: z.exactOptional(z.literal('rows')),
  sort: z.enum(SORTS).default('time'),
  order: z.enum(['desc', 'asc']).default('desc'),
  limit: z.coerce.number().min(0).default(100),
  cursor: z.exactOptional(z.string().max(2048)),
});

export type RequestOrder = Pick<z.output<typeof requestsQuery>, 'sort' | 'order'>;

/** A page of the list. */
export interface RowsQuery extends RequestOrder {
  readonly filters: RequestFilters;
  readonly limit: number;
  readonly cursor?: string;
}

export const rowsAnswer = z.object({
  rows: z.array(requestRow),
  /** Give it as `cursor`, with the same filters and order; absent on the last page. */
  next: z.exactOptional(z.string()),
});

export type RequestRows = Frozen<z.output<typeof rowsAnswer>>;
/** `GET /admin/events`, server-sent: the name of an event, and its data. `id` of `rows` resumes after them. */
export const eventData = {
  /** New requests, oldest first; at most 4 batches a second. */
  rows: z.object({ rows: z.array(requestRow) }),
  /** Sent at the begin and where it changed: the policy, each upstream's state, the notice of every page. */
  state: z.object({
    version: z.string(),
    policy: z.object({ name: z.string(), version: z.string(), mode: z.string() }),
    notice: z.string().nullable(),
    ready: z.boolean(),
    detail: z.string(),
  }),
  /** More came than are kept: read the list anew. */
  gap: z.object({}),
} as const;

export type EventData = Frozen<{
  [Name in keyof typeof eventData]: z.output<(typeof eventData)[Name]>;
}>;
