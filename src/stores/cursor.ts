/** The position after a record in a newest-first listing, as an opaque text for callers. */
import { GatewayError } from '../core/errors.ts';

export interface Position {
  readonly atMs: number;
  readonly id: string;
}

export const writeCursor = ({ atMs, id }: Position): string =>
  Buffer.from(`${atMs}:${id}`).toString('base64url');

/** @throws GatewayError `caller_invalid` for a text that `writeCursor` did not make */
export const readCursor = (cursor: string): Position =>
  positionIn(Buffer.from(cursor, 'base64url').toString());

function positionIn(text: string): Position {
  const [, atMs, id] = /^(\d+(?:\.\d+)?):([^]+)$/.exec(text) ?? [];
  if (atMs === undefined || id === undefined) throw notOurs();
  return { atMs: Number(atMs), id };
}

const notOurs = (): GatewayError =>
  new GatewayError(
    'caller_invalid',
    "'cursor' is not one of ours: send the `next` of the page before, unchanged, or leave it out.",
    { param: 'cursor' },
  );

const DEFAULT_LIMIT = 100;
const HIGHEST_LIMIT = 1_000;

export const limitOf = (limit = DEFAULT_LIMIT): number =>
  Math.min(HIGHEST_LIMIT, Math.max(1, Math.floor(limit)));

/** The position in a list that is sorted by something else than time. */
export interface RankedPosition extends Position {
  readonly rank: number;
}

/** Read back by `readRankedCursor`. */
export const writeRankedCursor = ({ rank, ...at }: RankedPosition): string =>
  Buffer.from(`${rank};${at.atMs}:${at.id}`).toString('base64url');

/** @throws GatewayError `caller_invalid` for a text that `writeRankedCursor` did not make */
export function readRankedCursor(cursor: string): RankedPosition {
  const [, rank, at] =
    /^(\d[\d.e+-]*);([^]+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (rank === undefined || at === undefined) throw notOurs();
  return { rank: Number(rank), ...positionIn(at) };
}
