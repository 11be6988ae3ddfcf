/** `report --by key|team|model|upstream`: what is owed and what is charged, in sums that add up. */
import { openLedgerTools } from '../offline.ts';
import { books, GROUPS, type BookRow, type Group } from '../analysis/books.ts';
import type { Config } from '../config/config.ts';
import { isZone, type CalendarPeriod } from '../lib/calendar.ts';
import { csvLine } from '../lib/csv.ts';
import { exactUsd } from './format-numbers.ts';
import { aligned } from './format-table.ts';
import { eachRecord } from './report-records.ts';

interface Given {
  readonly by: string;
  readonly per?: string | undefined;
  readonly zone?: string | undefined;
  readonly json?: boolean | undefined;
  readonly csv?: boolean | undefined;
}

interface Span {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** @throws Error naming the option that is wrong */
export async function reportBooks(config: Config, given: Given, span: Span): Promise<string> {
  const by = oneOf('by', given.by, GROUPS);
  const per = oneOf('per', given.per ?? 'all', PERIODS);
  const zone = given.zone ?? 'UTC';
  if (!isZone(zone))
    throw new Error(`--zone is "${zone}"; write the IANA name of one, such as Europe/Madrid.`);
  const both = books({ by, per, zone });
  const ledger = openLedgerTools(config.store);
  try {
    for await (const call of ledger.calls(span)) both.addCall(call);
  } finally {
    await ledger.end();
  }
  await eachRecord(config, span, (record) => {
    if (record.atMs < span.untilMs) both.addRecord(record);
  });
  const rows = both.rows();
  if (given.json === true) return JSON.stringify({ by, per, zone, ...span, rows });
  return given.csv === true ? asCsv(by, rows, { per, zone }) : asTable(by, rows, { per, zone });
}

const PERIODS = ['day', 'week', 'month', 'all'] as const;

function oneOf<Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw new Error(`--${option} is "${text}"; write ${names.join(', ')}.`);
}

interface Calendar {
  readonly per: CalendarPeriod;
  readonly zone: string;
}

const HEAD = ['requests', 'calls', 'owed_usd', 'unknown_usd', 'charged_usd', 'gap_usd'];

const cells = (row: Omit<BookRow, 'fromMs' | 'name'>): readonly string[] => [
  String(row.requests),
  String(row.calls),
  exactUsd(row.owedNanoUsd),
  exactUsd(row.unknownNanoUsd),
  exactUsd(row.chargedNanoUsd),
  exactUsd(row.gapNanoUsd),
];

/** `2026-11-29`, of the zone; `''` for one period without end. */
const dayOf = ({ fromMs }: BookRow, { per, zone }: Calendar): string =>
  per === 'all' ? '' : new Date(fromMs).toLocaleDateString('sv-SE', { timeZone: zone });

function asCsv(by: Group, rows: readonly BookRow[], calendar: Calendar): string {
  const lines = rows.map((row) =>
    [csvLine([dayOf(row, calendar), row.name]), ...cells(row)].join(','),
  );
  return [csvLine(['from', by, ...HEAD]), ...lines].join('\n');
}

function asTable(by: Group, rows: readonly BookRow[], calendar: Calendar): string {
  const sum = (pick: (row: BookRow) => number): number =>
    rows.reduce((all, row) => all + pick(row), 0);
  const total = {
    requests: sum((row) => row.requests),
    calls: sum((row) => row.calls),
    owedNanoUsd: sum((row) => row.owedNanoUsd),
    unknownNanoUsd: sum((row) => row.unknownNanoUsd),
    chargedNanoUsd: sum((row) => row.chargedNanoUsd),
    gapNanoUsd: sum((row) => row.gapNanoUsd),
  };
  return aligned([
    ['from', by, ...HEAD],
    ...rows.map((row) => [dayOf(row, calendar), row.name, ...cells(row)]),
    ['', 'all', ...cells(total)],
  ]);
}
