/** Finds the row of a carried request, and the ids in its path. */
import type { CarriedRoute } from '../../core/carried.ts';

export interface CarriedMatch {
  readonly row: CarriedRoute;
  /** What stands in the named places, decoded. */
  readonly ids: readonly { readonly kind: string; readonly id: string }[];
}

export type FindCarried = (method: string, path: string) => CarriedMatch | undefined;

interface Compiled {
  readonly row: CarriedRoute;
  readonly segments: readonly string[];
}

/** A row with words in more places goes before one with names: `/threads/runs` is no thread. */
export function carriedTable(rows: readonly CarriedRoute[]): FindCarried {
  const compiled = rows
    .map((row): Compiled => ({ row, segments: row.path.slice(1).split('/') }))
    .toSorted((a, b) => names(a) - names(b));
  return (method, path) => {
    const given = (path.split('?', 1)[0] ?? '').slice(1).split('/').map(decoded);
    const found = compiled.find(
      ({ row, segments }) => row.method === method && fits(segments, given),
    );
    if (found === undefined) return undefined;
    const ids = found.segments.flatMap((segment, at) => {
      const kind = nameOf(segment);
      return kind === undefined || kind === '' ? [] : [{ kind, id: given[at] ?? '' }];
    });
    return { row: found.row, ids };
  };
}

const nameOf = (segment: string): string | undefined => /^\{(\w*)\}$/.exec(segment)?.[1];

const names = ({ segments }: Compiled): number =>
  segments.filter((segment) => nameOf(segment) !== undefined).length;

const fits = (segments: readonly string[], given: readonly (string | undefined)[]): boolean =>
  segments.length === given.length &&
  segments.every((segment, at) =>
    nameOf(segment) === undefined ? segment === given[at] : isOnePlace(given[at]),
  );

/** A slash that was escaped, or a dot segment, would be another path to a server that decodes it. */
const isOnePlace = (text: string | undefined): boolean =>
  text !== undefined && text !== '' && !/[/\\]|^\.+$/.test(text);

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
