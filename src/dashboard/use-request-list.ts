/** The list of requests: pages of older ones, and new ones, which wait while somebody reads. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { RequestRow, RequestRows } from '../core/admin-requests.ts';
import { get, signIns } from './api.ts';
import { gaps, onRows } from './live.ts';
import { isListed, queryOf } from './request-filters.ts';
import type { Query } from './router.ts';

const PAGE = 100;
/** More rows than these are not kept by a live list; older ones can be loaded again. */
const MOST_LIVE = 1000;

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
    void pageOf(search, held.next).then((page) =>
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
    showWaiting: () =>
      setHeld((before) => ({ ...before, rows: shown(before, query), waiting: [] })),
    loadMore: held.next === undefined ? undefined : loadMore,
  };
}

/** What waited is shown in a list by time where it belongs; in any other before the rest. */
function shown({ waiting, rows }: Held, query: Query): readonly RequestRow[] {
  const all = merged(waiting, rows);
  return isByTime(query) ? newestFirst(all) : all;
}

const isByTime = ({ sort = '' }: Query): boolean => sort === '' || sort === 'time';

function withFresh(before: Held, fresh: readonly RequestRow[], isHeld: boolean): Held {
  const known = new Set([...before.rows, ...before.waiting].map(({ id }) => id));
  const added = fresh.filter(({ id }) => !known.has(id));
  if (added.length === 0) return before;
  const waiting = newestFirst(merged(added, before.waiting)).slice(0, MOST_LIVE);
  if (isHeld) return { ...before, waiting };
  const rows = newestFirst(merged(waiting, before.rows)).slice(0, MOST_LIVE);
  return { ...before, rows, waiting: [] };
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
