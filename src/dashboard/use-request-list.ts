/** The list of requests: pages of older ones, and new ones, which wait while somebody reads. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { RequestRow, RequestRows } from '../core/admin-requests.ts';
import { get, signIns } from './api.ts';
import { gaps, onRows } from './live.ts';
import { isListed, queryOf } from './request-filters.ts';
import type { Query } from './router.ts';

/** Each new row moves and paints all of them: with 50 that takes half as long as with 100. */
const PAGE = 50;
/** More are not kept while they wait; older ones can be loaded again. */
const MOST_WAITING = 1000;

export interface RequestList {
  readonly rows: readonly RequestRow[];
  /** New and not shown yet. */
  readonly waiting: number;
  readonly error: Error | undefined;
  readonly isLoading: boolean;
  readonly showWaiting: () => void;
  /** Absent on the last page. */
  readonly loadMore: (() => void) | undefined;
}

/** In place of a cursor, where the rest of the list has fallen off. */
const FELL_OFF = '';

interface Held {
  readonly rows: readonly RequestRow[];
  readonly waiting: readonly RequestRow[];
  readonly next: string | undefined;
  readonly error: Error | undefined;
  readonly isLoading: boolean;
}

const NONE: Held = { rows: [], waiting: [], next: undefined, error: undefined, isLoading: true };

/** `isHeld`: new requests wait instead of being shown. */
export function useRequestList(query: Query, isHeld: () => boolean): RequestList {
  const [held, setHeld] = useState(NONE);
  const search = queryOf(query).toString();
  const latest = useRef({ query, isHeld });
  latest.current = { query, isHeld };
  const again = `${signIns.value} ${gaps.value}`;

  useEffect(() => {
    const ended = new AbortController();
    setHeld((before) => ({ ...before, isLoading: true }));
    void pageOf(search, undefined, ended.signal).then((page) =>
      ended.signal.aborted ? undefined : setHeld({ ...NONE, ...page, isLoading: false }),
    );
    return () => ended.abort();
  }, [search, again]);

  useEffect(
    () =>
      onRows((told) => {
        const { query: wanted, isHeld: waits } = latest.current;
        const fresh = told.filter((row) => isListed(row, wanted)).toReversed();
        if (fresh.length === 0) return;
        setHeld((before) => withFresh(before, fresh, waits() || !isByTime(wanted)));
      }),
    [],
  );

  const loadMore = (): void => {
    void pageOf(...placeAfter(held, search, query)).then((page) =>
      setHeld((before) => ({
        ...before,
        error: page.error,
        next: page.next ?? (page.error === undefined ? undefined : before.next),
        rows: merged(before.rows, page.rows),
      })),
    );
  };
  return {
    rows: held.rows,
    waiting: held.waiting.length,
    error: held.error,
    isLoading: held.isLoading,
    showWaiting: () => setHeld((before) => ({ ...before, ...shown(before, query), waiting: [] })),
    loadMore: held.next === undefined ? undefined : loadMore,
  };
}

/** What waited is shown in a list by time where it belongs; in any other before the rest. */
function shown(held: Held, query: Query): Partial<Held> {
  if (isByTime(query)) return rowsWith(held, held.waiting);
  return { rows: merged(held.waiting, held.rows) };
}

/** As many as there were, or a page: a list that is left open does not grow. What falls off can be loaded again. */
function rowsWith({ rows, next }: Held, added: readonly RequestRow[]): Partial<Held> {
  const all = newestFirst(merged(added, rows));
  const most = Math.max(PAGE, rows.length);
  return all.length <= most ? { rows: all } : { rows: all.slice(0, most), next: next ?? FELL_OFF };
}

const isByTime = ({ sort = '' }: Query): boolean => sort === '' || sort === 'time';

function withFresh(before: Held, fresh: readonly RequestRow[], isHeld: boolean): Held {
  const known = new Set([...before.rows, ...before.waiting].map(({ id }) => id));
  const added = fresh.filter(({ id }) => !known.has(id));
  if (added.length === 0) return before;
  const waiting = newestFirst(merged(added, before.waiting)).slice(0, MOST_WAITING);
  if (isHeld) return { ...before, waiting };
  return { ...before, ...rowsWith(before, waiting), waiting: [] };
}

/** Requests are told of when they are over: one that took long belongs below those that came after it. */
const newestFirst = (rows: readonly RequestRow[]): readonly RequestRow[] =>
  rows.toSorted((a, b) => b.atMs - a.atMs);

/** The second list after the first, without what both have. */
function merged(
  first: readonly RequestRow[],
  second: readonly RequestRow[],
): readonly RequestRow[] {
  const known = new Set(first.map(({ id }) => id));
  return [...first, ...second.filter(({ id }) => !known.has(id))];
}

/** A list by time goes on from the last row that is shown, wherever the page before ended. */
function placeAfter(
  { rows, next }: Held,
  search: string,
  query: Query,
): readonly [search: string, cursor: string | undefined] {
  const last = rows.at(-1);
  if (!isByTime(query) || query['order'] === 'asc' || last === undefined) return [search, next];
  const asked = new URLSearchParams(search);
  asked.set('to', String(Math.ceil(last.atMs) + 1));
  return [asked.toString(), undefined];
}

type Page = Pick<Held, 'rows' | 'next' | 'error'>;

async function pageOf(search: string, cursor?: string, signal?: AbortSignal): Promise<Page> {
  const asked = new URLSearchParams(search);
  asked.set('view', 'rows');
  asked.set('limit', String(PAGE));
  if (cursor !== undefined) asked.set('cursor', cursor);
  try {
    const { rows, next } = await get<RequestRows>(`/admin/requests?${asked}`, signal);
    return { rows, next, error: undefined };
  } catch (error) {
    return {
      rows: [],
      next: undefined,
      error: error instanceof Error ? error : new Error(String(error)),
    };
  }
}
