/** Which requests are listed: the same names in the page's address, in the gateway's, and here. */
import type { RequestFilters, RequestRow } from '../core/admin-requests.ts';
import type { Query } from './router.ts';

type Test = (row: RequestRow, wanted: string) => boolean;

const same =
  (read: (row: RequestRow) => string | undefined): Test =>
  (row, wanted) =>
    read(row) === wanted;

/** A filter of the gateway's that is missing here, or one that it does not have, does not compile. */
const TESTS: Readonly<Record<keyof RequestFilters, Test>> = {
  text: ({ id, key, model = '', rule = '' }, wanted) => {
    const text = wanted.toLowerCase();
    return (
      id.startsWith(wanted) ||
      id.startsWith(`req_${wanted}`) ||
      [key, model, rule].some((each) => each.toLowerCase().includes(text))
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
  minNanoUsd: ({ nanoUsd = 0 }, wanted) => nanoUsd >= Number(wanted),
  maxNanoUsd: ({ nanoUsd = 0 }, wanted) => nanoUsd <= Number(wanted),
  minLatencyMs: ({ latencyMs }, wanted) => latencyMs >= Number(wanted),
  maxLatencyMs: ({ latencyMs }, wanted) => latencyMs <= Number(wanted),
  from: ({ atMs }, wanted) => atMs >= Number(wanted),
  to: ({ atMs }, wanted) => atMs < Number(wanted),
};

export type Filter = keyof RequestFilters | 'sort';

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of that table
export const FILTERS = [...Object.keys(TESTS), 'sort'] as readonly Filter[];

/** The filters of an address, as a query of the gateway's. */
export function queryOf(query: Query): URLSearchParams {
  const given = FILTERS.filter((name) => (query[name] ?? '') !== '');
  return new URLSearchParams(given.map((name) => [name, query[name] ?? '']));
}

/** Whether a request that was just told of belongs to the list, as the gateway would say. */
export const isListed = (row: RequestRow, query: Query): boolean =>
  FILTERS.every((name) => {
    const wanted = query[name] ?? '';
    return name === 'sort' || wanted === '' || TESTS[name](row, wanted);
  });
