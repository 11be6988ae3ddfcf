/** Copies a store from a file into Postgres: in pages, each remembered with what it copied, so that it goes on where it ended. */
import type { DatabaseSync } from 'node:sqlite';
import {
  feedbackLine,
  attemptLine,
  lineOf,
  RECORD_LINE_COLUMNS,
  recordLine,
} from '../outbox/lines.ts';
import { wholeRollups } from '../outbox/rollups.ts';
import type { OutboxPart } from '../outbox/outbox.ts';
import { OWNER_COLUMNS } from '../tables/owner-rows.ts';
import { LENGTHS_MS, startOf } from '../rollups/spans.ts';
import { number, text, type Row } from '../sqlite/row.ts';
import { RECORD_COLUMNS, recordReader } from '../sqlite/words.ts';
import { forwardInto } from './forward.ts';
import type { Postgres, Query } from './port.ts';

/** One table: what is read of it, in an order that stays, and how a page of it is written. */
interface Copied {
  readonly name: string;
  readonly select: string;
  readonly line: (row: Row) => readonly string[];
  readonly write: (query: Query, rows: string) => Promise<unknown>;
}

const PAGE = 500;

/** @param told called after each page with the table and the rows of it so far */
export async function copyAll(
  source: DatabaseSync,
  target: Postgres,
  name: string,
  told: (table: string, rows: number) => void,
): Promise<void> {
  for (const table of tablesOf(source, name)) await copyTable(source, target, table, told);
  await target.transaction(async (query) => {
    await finish(query, source);
  });
}

async function copyTable(
  source: DatabaseSync,
  target: Postgres,
  table: Copied,
  told: (table: string, rows: number) => void,
): Promise<void> {
  const [known] = await target.query('SELECT value FROM marks WHERE name = $1', [markOf(table)]);
  let done = known === undefined ? 0 : number(known, 'value');
  let lines: string[] = [];
  let rows = 0;
  const send = async (): Promise<void> => {
    if (rows === 0) return;
    await target.transaction(async (query) => {
      if (lines.length > 0) await table.write(query, `[${[...new Set(lines)].join(',')}]`);
      await query(MARK, [markOf(table), done + rows]);
    });
    done += rows;
    [lines, rows] = [[], 0];
    told(table.name, done);
  };
  for (const row of source.prepare(`${table.select} LIMIT -1 OFFSET ?`).iterate(done)) {
    lines.push(...table.line(row));
    rows += 1;
    if (rows === PAGE) await send();
  }
  await send();
}

const markOf = ({ name }: Copied): string => `copied ${name}`;
const MARK =
  'INSERT INTO marks (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value';

/** A table that is the same in both. */
const plain = (name: string, columns: string, order: string): Copied => ({
  name,
  select: `SELECT ${columns} FROM ${name} ORDER BY ${order}`,
  line: (row) => [lineOf(row)],
  write: (query, rows) =>
    query(
      `INSERT INTO ${name} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${name}, $1) ON CONFLICT DO NOTHING`,
      [rows],
    ),
});

const SAME: readonly Copied[] = [
  plain('policies', 'version, name, text, file, author, at_ms, note', 'rowid'),
  plain('activations', 'seq, version, kind, back', 'seq'),
  plain('audit', 'seq, at_ms, who, event, detail, previous, hash', 'seq'),
  plain('model_digests', 'upstream, model, digest', 'upstream, model, digest'),
  plain(
    'keys',
    'name, digest, previous, previous_until_ms, settings, created_ms, created_by, expires_ms, revoked_ms',
    'name',
  ),
  plain('budgets', 'name, settings, set_ms, set_by', 'name'),
  plain('budget_warnings', 'account, share, at_ms', 'account, share'),
  plain('claims', 'id, body, request_id, at_ms', 'id'),
  plain('sessions', 'digest, key_digest, created_ms, seen_ms, expires_ms, agent', 'digest'),
  plain(
    'attempt_sums',
    'day_ms, caller, team, upstream, model, attempts, nano_usd',
    'day_ms, caller, team, upstream, model',
  ),
];

/** What a dead process left open is charged as reserved, as the next start would have it. */
const ATTEMPTS = `SELECT id, request_id, at_ms, caller, team, upstream, model, prices, accounts, boot, reserved_nano_usd,
  CASE state WHEN 'open' THEN 'unknown' ELSE state END AS state,
  CASE state WHEN 'open' THEN reserved_nano_usd ELSE used_nano_usd END AS used_nano_usd,
  CASE state WHEN 'open' THEN at_ms ELSE ended_ms END AS ended_ms FROM attempts ORDER BY id`;

function tablesOf(source: DatabaseSync, outbox: string): readonly Copied[] {
  const recordOf = recordReader(source);
  const whole = wholeRollups(source);
  const part = (name: OutboxPart, select: string, line: Copied['line']): Copied => ({
    name,
    select,
    line,
    write: (query, rows) => forwardInto(query, new Map([[name, rows]]), outbox),
  });
  return [
    ...SAME,
    part('owners', `SELECT ${OWNER_COLUMNS} FROM owners ORDER BY id`, (row) => [lineOf(row)]),
    part('attempts', ATTEMPTS, (row) => [attemptLine(row)]),
    part(
      'records',
      `SELECT ${RECORD_LINE_COLUMNS}, ${RECORD_COLUMNS} FROM records ORDER BY seq`,
      (row) => [recordLine(row, recordOf(row))],
    ),
    part('feedback', 'SELECT request_id, feedback FROM feedback ORDER BY seq', (row) => [
      feedbackLine(row),
    ]),
    part('audits', 'SELECT seq, at_ms, audit FROM audits ORDER BY seq', (row) => [lineOf(row)]),
    part('rollups', ROLLUPS, ({ length_ms: length, start_ms: start, cell_key: key }) => {
      const line = whole(Number(length), Number(start), { key: String(key), version: 0 });
      return line === undefined ? [] : [line];
    }),
    {
      ...part('rollups', FRESH, ({ start_ms: start, cell_key: key }) =>
        LENGTHS_MS.flatMap(
          (lengthMs) =>
            whole(lengthMs, startOf(Number(start), lengthMs), { key: String(key), version: 0 }) ??
            [],
        ),
      ),
      name: 'rollup_fresh',
    },
  ];
}

const ROLLUPS = `SELECT length_ms, start_ms, cell_key FROM rollups JOIN rollup_cells USING (cell)
  ORDER BY length_ms, start_ms, cell`;
const FRESH =
  'SELECT start_ms, cell_key FROM rollup_fresh JOIN rollup_cells USING (cell) ORDER BY start_ms, cell';

/** What budgets count is set as the file has it, since a budget counts what was spent before it was there. */
async function finish(query: Query, source: DatabaseSync): Promise<void> {
  const spending = source
    .prepare(
      `SELECT account, sum(nano_usd) AS nano FROM spending WHERE account NOT LIKE '["large",%' GROUP BY account`,
    )
    .all();
  await query('DELETE FROM leases');
  await query('DELETE FROM accounts');
  const rows = JSON.stringify(spending);
  await query(
    'INSERT INTO accounts (account) SELECT account FROM json_to_recordset($1) AS x(account text)',
    [rows],
  );
  await query(
    `INSERT INTO leases (account, boot, granted, booked)
     SELECT account, '', nano, nano FROM json_to_recordset($1) AS x(account text, nano bigint)`,
    [rows],
  );
  await query(
    "SELECT setval(pg_get_serial_sequence('activations', 'seq'), greatest(1, (SELECT max(seq) FROM activations)))",
  );
  const written = source.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").get();
  await query(MARK, ['audit', written === undefined ? 0 : number(written, 'seq')]);
  await query(
    "INSERT INTO marks (name, value) VALUES ('keys', 1), ('budgets', 1), ('policies', 1) ON CONFLICT (name) DO UPDATE SET value = marks.value + 1",
  );
  const file = source.prepare("SELECT value FROM marks WHERE name = 'policy-file'").get();
  if (file !== undefined)
    await query(
      'INSERT INTO policy_file (one, version) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET version = excluded.version',
      [text(file, 'value')],
    );
}
