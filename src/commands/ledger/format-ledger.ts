/** Formats what `ledger …` finds, for people. Money is exact, to the nano-USD. */
import { isWhole, type LedgerCheck, type MigratedTable } from '../../core/ledger-tools.ts';
import { exactUsd } from '../format-numbers.ts';
import { aligned } from '../format-table.ts';
import type { Reconciled } from './reconcile.ts';

export function reconciledLines({ days, closed, differenceNanoUsd }: Reconciled): string {
  const head = ['day', 'model', 'billed', 'settled', 'unknown', 'charged', 'now', 'difference', ''];
  const rows = days.map((day) => [
    day.day,
    day.model,
    exactUsd(day.billedNanoUsd),
    exactUsd(day.settledNanoUsd),
    String(day.unknown),
    exactUsd(day.reservedNanoUsd),
    exactUsd(day.closedNanoUsd),
    exactUsd(day.differenceNanoUsd),
    day.left ?? '',
  ]);
  return [
    aligned([head, ...rows]),
    `${closed} attempts are closed. The bill has ${exactUsd(differenceNanoUsd)} USD more than the ledger.`,
  ].join('\n');
}

export function checkLines(found: LedgerCheck): string {
  const { problems, records, attempts, unknown, open, auditEvents, bytes } = found;
  const rows = [
    ['records', String(records)],
    ['paid attempts', String(attempts)],
    ['under way', String(open)],
    ['charged as reserved', `${unknown}, ${exactUsd(found.unknownNanoUsd)} USD`],
    ['audit log', `${auditEvents} events`],
    ['size', `${(bytes / 1e6).toFixed(1)} MB`],
  ];
  return [aligned(rows), ...(problems.length === 0 ? ['The ledger is whole.'] : problems)].join(
    '\n',
  );
}

export function migratedLines(tables: readonly MigratedTable[]): string {
  const head = ['table', 'rows', 'in Postgres', 'USD', 'in Postgres', ''];
  const lines = tables.map((each) => [
    each.table,
    ...each.rows.map(String),
    ...each.nanoUsd.map(exactUsd),
    isWhole(each) ? '' : 'differs',
  ]);
  const verdict = tables.every(isWhole)
    ? 'Everything is in Postgres, and adds up. The file is as it was.'
    : 'Not everything is in Postgres: run it again, it goes on where it was.';
  return [aligned([head, ...lines]), verdict].join('\n');
}
