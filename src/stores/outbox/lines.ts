/** Rows of SQLite as JSON, for `postgres/forward.ts`. */
import type { UsageRecord } from '../../core/record.ts';
import { placedIn } from '../../figures/count.ts';
import { text, type Row } from '../sqlite/row.ts';

/** What is selected of a record beside its own columns. */
export const RECORD_LINE_COLUMNS =
  'id, at_ms, caller, upstream, outcome, cost_nano_usd, latency_ms, flags';

export function recordLine(row: Row, record: UsageRecord): string {
  const { packed: _, dictionary: _also, ...columns } = row;
  const cell = JSON.stringify(placedIn(record).own);
  return lineOf({ ...columns, cell_key: cell, record: JSON.stringify(record) });
}

export function attemptLine(row: Row): string {
  const accounts: unknown = JSON.parse(text(row, 'accounts'));
  return lineOf({ ...row, accounts });
}

export function feedbackLine({ request_id, feedback }: Row): string {
  const { caller, atMs }: { caller: string; atMs: number } = JSON.parse(String(feedback));
  return lineOf({ request_id, caller, at_ms: atMs, feedback });
}

/** Postgres has no text with a NUL or half a character in it. What is JSON already is a text here, and keeps its escapes. */
export const lineOf = (row: Row): string =>
  JSON.stringify(row, (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value,
  );
