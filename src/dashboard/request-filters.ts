/** Which requests are listed: the same names in the page's address, in the gateway's, and here. */
import type { RequestRow } from '../core/admin-requests.ts';
import type { Query } from './router.ts';

export const FILTERS = [
  'text',
  'tier',
  'upstream',
  'model',
  'key',
  'rule',
  'domain',
  'outcome',
  'kind',
  'degraded',
  'escalated',
  'minNanoUsd',
  'maxNanoUsd',
  'minLatencyMs',
  'maxLatencyMs',
  'from',
  'to',
  'sort',
] as const;
export type Filter = (typeof FILTERS)[number];

/** The filters of an address, as a query of the gateway's. */
export function queryOf(query: Query): URLSearchParams {
  const given = FILTERS.filter((name) => (query[name] ?? '') !== '');
  return new URLSearchParams(given.map((name) => [name, query[name] ?? '']));
}

type Test = (row: RequestRow, wanted: string) => boolean;

const same =
  (read: (row: RequestRow) => string | undefined): Test =>
  (row, wanted) =>
    read(row) === wanted;

const TESTS: Readonly<Record<Exclude<Filter, 'sort'>, Test>> = {
  text: ({ id, key, model = '', rule = '' }, wanted) => {
    const text = wanted.toLowerCase();
    return (
      id.startsWith(wanted) || [key, model, rule].some((each) => each.toLowerCase().includes(text))
    );
  },
  tier: same(({ tier }) => tier ?? 'none'),
  upstream: same(({ upstream }) => upstream ?? 'none'),
  model: same(({ model }) => model ?? 'none'),
  key: same(({ key }) => key),
  rule: same(({ rule }) => rule ?? 'none'),
  domain: same(({ domain }) => domain ?? 'none'),
  outcome: same(({ outcome }) => outcome),
  kind: same(({ kind }) => kind),
  degraded: ({ degraded = false }, wanted) => String(degraded) === wanted,
  escalated: ({ escalated = false }, wanted) => String(escalated) === wanted,
  minNanoUsd: ({ nanoUsd }, wanted) => nanoUsd !== undefined && nanoUsd >= Number(wanted),
  maxNanoUsd: ({ nanoUsd }, wanted) => nanoUsd !== undefined && nanoUsd <= Number(wanted),
  minLatencyMs: ({ latencyMs }, wanted) => latencyMs >= Number(wanted),
  maxLatencyMs: ({ latencyMs }, wanted) => latencyMs <= Number(wanted),
  from: ({ atMs }, wanted) => atMs >= Number(wanted),
  to: ({ atMs }, wanted) => atMs < Number(wanted),
};

/** Whether a request that was just told of belongs to the list, as the gateway would say. */
export const isListed = (row: RequestRow, query: Query): boolean =>
  FILTERS.every((name) => {
    const wanted = query[name] ?? '';
    return name === 'sort' || wanted === '' || TESTS[name](row, wanted);
  });
