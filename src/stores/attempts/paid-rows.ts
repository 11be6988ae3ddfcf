/** Rows of the book of attempts as `ledger …` reads them, from a file and from Postgres alike. */
import type { AttemptsOfDays, PaidCalls } from '../../core/ledger-tools.ts';
import { number, text, type Row } from '../sqlite/row.ts';

/** One call, or what was pruned of a day. `unknown`: a truth in Postgres, 1 in SQLite. */
export const callIn = (row: Row): PaidCalls => ({
  atMs: number(row, 'at_ms'),
  caller: text(row, 'caller'),
  team: text(row, 'team'),
  upstream: text(row, 'upstream'),
  model: text(row, 'model'),
  calls: number(row, 'calls'),
  nanoUsd: number(row, 'nano'),
  isUnknown: row['unknown'] === true || row['unknown'] === 1,
});

interface DaysRows {
  readonly booked: readonly Row[];
  readonly unknown: readonly Row[];
  readonly upstreams: readonly Row[];
}

export const attemptsIn = ({ booked, unknown, upstreams }: DaysRows): AttemptsOfDays => ({
  booked: booked.map((row) => ({
    day: text(row, 'day'),
    model: text(row, 'model'),
    settledNanoUsd: number(row, 'settled'),
    open: number(row, 'open'),
  })),
  unknown: unknown.map((row) => ({
    id: text(row, 'id'),
    day: text(row, 'day'),
    model: text(row, 'model'),
    reservedNanoUsd: number(row, 'reserved_nano_usd'),
  })),
  upstreams: upstreams.map((row) => text(row, 'upstream')),
});
