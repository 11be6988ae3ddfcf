/** The position after a record in a newest-first listing, as an opaque text for callers. */
import { GatewayError } from '../core/errors.ts';

export interface Position {
  readonly atMs: number;
  readonly id: string;
}

export const writeCursor = ({ atMs, id }: Position): string =>
  Buffer.from(`${atMs}:${id}`).toString('base64url');

/** @throws GatewayError `caller_invalid` for a text that `writeCursor` did not make */
export function readCursor(cursor: string): Position {
  const parts = /^(\d+(?:\.\d+)?):([^]+)$/.exec(Buffer.from(cursor, 'base64url').toString());
  const [, atMs, id] = parts ?? [];
  if (atMs === undefined || id === undefined) {
    throw new GatewayError(
      'caller_invalid',
      "'cursor' is not one of ours: send the `next` of the page before, unchanged, or leave it out.",
      { param: 'cursor' },
    );
  }
  return { atMs: Number(atMs), id };
}

const DEFAULT_LIMIT = 100;
const HIGHEST_LIMIT = 1_000;

export const limitOf = (limit = DEFAULT_LIMIT): number =>
  Math.min(HIGHEST_LIMIT, Math.max(1, Math.floor(limit)));
