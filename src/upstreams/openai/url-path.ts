/** Where a route stands below the base URL of a server. */
import type { Call } from '../../core/call.ts';
import { UpstreamError } from '../../core/errors.ts';

interface Base {
  /** Of the base URL. */
  readonly basePath: string;
  /** Likewise, without the question mark; empty if none. */
  readonly query: string;
}

/** A path that climbs out of the base URL would reach what nobody configured. */
const CLIMBS = /(^|\/)(\.|%2e){2}($|[/?#])/i;

export type PathOf = (call: Pick<Call, 'path'>) => string;

/**
 * The last one is kept, since most calls have the same: a text made anew would be compared and hashed anew by whoever keeps it.
 * It throws UpstreamError `rejected` for a path that is none, or climbs.
 */
export function pathsBelow(base: Base): PathOf {
  let last: { readonly path: string; readonly url: string } | undefined;
  return ({ path }) => {
    if (last?.path === path) return last.url;
    if (CLIMBS.test(path) || !path.startsWith('/')) {
      throw new UpstreamError('rejected', `The path '${path}' does not name a route.`);
    }
    const url = urlPath(base, path);
    last = { path, url };
    return url;
  };
}

/** The path under the base URL, with its query, which wins over a parameter of the same name. */
export function urlPath({ basePath, query }: Base, path: string): string {
  if (query === '') return basePath + path;
  const [route = '', asked = ''] = path.split(/\?(.*)/s);
  const ours = new URLSearchParams(query);
  const kept = asked.split('&').filter((pair) => pair !== '' && !ours.has(nameOf(pair)));
  return `${basePath}${route}?${[...kept, query].join('&')}`;
}

const nameOf = (pair: string): string => new URLSearchParams(pair).keys().next().value ?? '';
