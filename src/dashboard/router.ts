/** Addresses: which view stands under which, with its filters in the query, so that back and reload keep them. */
import { computed, signal } from '@preact/signals';
import { views, type View } from './view-names.ts';

export type Query = Readonly<Record<string, string>>;

interface Address {
  /** Undefined where there is no such view. */
  readonly view: View | undefined;
  /** What follows the view, such as a request's id. */
  readonly id: string | undefined;
  readonly query: Query;
}

/** In front of `/dashboard`: the path under which a proxy shows the gateway; usually empty. */
export const root = /^(.*?)\/dashboard(?:\/|$)/.exec(location.pathname)?.[1] ?? '';

const current = signal(read());

/** The address that is shown. */
export const address = computed(() => current.value);

function read(): Address {
  const [, first = 'overview', id] = location.pathname.slice(`${root}/dashboard`.length).split('/');
  const name = first === '' ? 'overview' : first;
  return {
    view: views.find((view) => view === name),
    id: id === undefined || id === '' ? undefined : decodeURIComponent(id),
    query: Object.fromEntries(new URLSearchParams(location.search)),
  };
}

/** The path of a view, for `href`. Members of the query that are empty are left out. */
export function pathTo(view: View, id?: string, query: Query = {}): string {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
  const place = view === 'overview' ? '' : `/${view}`;
  const item = id === undefined ? '' : `/${encodeURIComponent(id)}`;
  const search = asked.size === 0 ? '' : `?${asked}`;
  return `${root}/dashboard${place}${item}${search}`;
}

/** Shows another address; the one before stays in the browser's history. */
export function go(path: string): void {
  history.pushState(null, '', path);
  current.value = read();
}

/** Changes the query of the address in place: a filter while it is typed makes no history. */
export function setQuery(changes: Query): void {
  const { view = 'overview', id, query } = current.value;
  history.replaceState(null, '', pathTo(view, id, { ...query, ...changes }));
  current.value = read();
}

/** Follows the browser's back and forward buttons. */
export function followHistory(): void {
  addEventListener('popstate', () => {
    current.value = read();
  });
}
