/** One batch of the outbox into Postgres: one transaction, in which a row that is there already changes nothing. */
import { PARTS, type OutboxPart } from '../outbox/outbox.ts';
import { OWNER_COLUMNS } from '../tables/owner-rows.ts';
import { number, text, type Row } from '../sqlite/row.ts';
import type { Query } from './port.ts';

/** Each part a JSON array, as the outbox gives it. */
export type Parts = ReadonlyMap<OutboxPart, string>;

export const partsOf = (texts: readonly string[]): Parts =>
  new Map(PARTS.map((part, at) => [part, texts[at] ?? EMPTY]));

const EMPTY = '[]';

/** Within a transaction. */
export async function forwardInto(query: Query, parts: Parts, outbox: string): Promise<void> {
  const given = (part: OutboxPart): string | undefined => {
    const rows = parts.get(part) ?? EMPTY;
    return rows === EMPTY ? undefined : rows;
  };
  const [records, rollups] = [given('records'), given('rollups')];
  for (const rows of [records, rollups]) if (rows !== undefined) await query(CELLS, [rows]);
  if (records !== undefined) await query(RECORDS, [records]);
  if (rollups !== undefined) await query(ROLLUPS, [rollups, outbox]);
  const attempts = given('attempts');
  if (attempts !== undefined) await bookAttempts(query, attempts);
  const owners = given('owners');
  if (owners !== undefined) await query(OWNERS, [owners]);
  const feedback = given('feedback');
  if (feedback !== undefined) await query(FEEDBACK, [feedback]);
  const audits = given('audits');
  if (audits !== undefined) await query(AUDITS, [audits, outbox]);
}

// Asked first: an insert that finds its row there takes a number all the same.
const CELLS = `
  INSERT INTO rollup_cells (cell_key)
  SELECT DISTINCT cell_key FROM json_to_recordset($1) AS g(cell_key text)
    WHERE NOT EXISTS (SELECT 1 FROM rollup_cells c WHERE c.cell_key = g.cell_key)
    ORDER BY cell_key ON CONFLICT DO NOTHING`;

const RECORDS = `
  INSERT INTO records (id, at_ms, caller, upstream, outcome, cost_nano_usd, cell, latency_ms, flags, record)
  SELECT g.id, g.at_ms, g.caller, g.upstream, g.outcome, g.cost_nano_usd, c.cell, g.latency_ms, g.flags, g.record::json
  FROM json_to_recordset($1) AS g(id text, at_ms double precision, caller text, upstream text, outcome text,
    cost_nano_usd bigint, cell_key text, latency_ms double precision, flags integer, record text)
  JOIN rollup_cells c USING (cell_key) ON CONFLICT (id) DO NOTHING`;

// Two processes may forward one outbox, and the older state arrive last.
const ROLLUPS = `
  INSERT INTO rollups (length_ms, start_ms, cell, outbox, version, figures)
  SELECT g.length_ms, g.start_ms, c.cell, $2, g.version, decode(g.figures, 'base64')
  FROM json_to_recordset($1) AS g(length_ms integer, start_ms bigint, cell_key text, version bigint, figures text)
  JOIN rollup_cells c USING (cell_key)
  ON CONFLICT (length_ms, start_ms, cell, outbox) DO UPDATE SET figures = excluded.figures, version = excluded.version
    WHERE rollups.version <= excluded.version`;

const OWNERS = `
  INSERT INTO owners (${OWNER_COLUMNS})
  SELECT ${OWNER_COLUMNS}
  FROM json_to_recordset($1) AS g(id text, owner text, upstream text, found integer, reading text)
  ON CONFLICT (id) DO NOTHING`;

// The newest of several that one caller gave of one request in this batch, and of those before.
const FEEDBACK = `
  INSERT INTO feedback (request_id, caller, at_ms, feedback)
  SELECT DISTINCT ON (request_id, caller) request_id, caller, at_ms, feedback::json
  FROM json_to_recordset($1) AS g(request_id text, caller text, at_ms double precision, feedback text)
  ORDER BY request_id, caller, at_ms DESC
  ON CONFLICT (request_id, caller) DO UPDATE SET at_ms = excluded.at_ms, feedback = excluded.feedback
    WHERE feedback.at_ms <= excluded.at_ms`;

const AUDITS = `
  INSERT INTO audits (outbox, seq, at_ms, audit)
  SELECT $2, seq, at_ms, audit::json FROM json_to_recordset($1) AS g(seq bigint, at_ms double precision, audit text)
  ON CONFLICT DO NOTHING`;

const GIVEN_ATTEMPTS = `
  given AS (
    SELECT g.*, ARRAY(SELECT json_array_elements_text(g.account_list)) AS accounts
    FROM (SELECT id, request_id, at_ms, caller, team, upstream, model, prices, accounts AS account_list, boot,
        reserved_nano_usd, state, used_nano_usd, ended_ms
      FROM json_to_recordset($1) AS x(id text, request_id text, at_ms double precision, caller text, team text,
        upstream text, model text, prices text, accounts json, boot text, reserved_nano_usd bigint, state text,
        used_nano_usd bigint, ended_ms double precision)) g
  )`;

const NEW_ATTEMPTS = `
  WITH ${GIVEN_ATTEMPTS}
  INSERT INTO attempts (id, request_id, at_ms, caller, team, upstream, model, prices, accounts, boot, reserved_nano_usd,
    state, used_nano_usd, ended_ms)
  SELECT id, request_id, at_ms, caller, team, upstream, model, prices, accounts, boot, reserved_nano_usd,
    state, used_nano_usd, ended_ms FROM given ORDER BY id
  ON CONFLICT (id) DO NOTHING
  RETURNING accounts, boot, coalesce(used_nano_usd, reserved_nano_usd) AS change`;

// As on SQLite, what was charged as reserved may still say what it used.
const ENDED_ATTEMPTS = `
  WITH ${GIVEN_ATTEMPTS},
  before AS (
    SELECT a.id, coalesce(a.used_nano_usd, a.reserved_nano_usd) AS nano
    FROM attempts a JOIN given g ON g.id = a.id
    WHERE (a.state = 'open' AND g.state <> 'open') OR (a.state = 'unknown' AND g.state IN ('settled', 'released'))
    ORDER BY a.id FOR UPDATE OF a
  )
  UPDATE attempts a SET state = g.state, used_nano_usd = g.used_nano_usd, ended_ms = g.ended_ms
  FROM given g, before b WHERE a.id = g.id AND a.id = b.id
  RETURNING a.accounts, a.boot, a.used_nano_usd - b.nano AS change`;

/** Budgets change by rows that are really new, or really ended. */
async function bookAttempts(query: Query, rows: string): Promise<void> {
  const changed = [
    ...(await query(NEW_ATTEMPTS, [rows])),
    ...(await query(ENDED_ATTEMPTS, [rows])),
  ];
  const changes = changesIn(changed);
  if (changes.length === 0) return;
  await query(BOOK, [JSON.stringify(changes)]);
}

interface Change {
  readonly account: string;
  readonly boot: string;
  nano: number;
}

function changesIn(rows: readonly Row[]): readonly Change[] {
  const changes = new Map<string, Change>();
  for (const row of rows) {
    const { accounts } = row;
    if (!Array.isArray(accounts)) continue;
    for (const account of accounts.map(String)) {
      const boot = text(row, 'boot');
      const id = `${boot} ${account}`;
      const known = changes.get(id) ?? { account, boot, nano: 0 };
      known.nano += number(row, 'change');
      changes.set(id, known);
    }
  }
  return [...changes.values()];
}

// Who is gone has no lease any more: what its rows still say counts for process ''.
const BOOK = `
  WITH given AS (SELECT * FROM json_to_recordset($1) AS x(account text, boot text, nano bigint)),
  held AS (
    SELECT l.account, l.boot FROM leases l JOIN given g ON g.account = l.account AND g.boot = l.boot
    ORDER BY l.account, l.boot FOR UPDATE OF l
  ),
  living AS (
    UPDATE leases l SET booked = l.booked + g.nano FROM given g, held h
    WHERE l.account = g.account AND l.boot = g.boot AND h.account = l.account AND h.boot = l.boot
    RETURNING l.account, l.boot
  )
  INSERT INTO leases (account, boot, granted, booked)
  SELECT account, '', sum(nano), sum(nano) FROM given g
  WHERE NOT EXISTS (SELECT 1 FROM held h WHERE h.account = g.account AND h.boot = g.boot)
  GROUP BY account ORDER BY account
  ON CONFLICT (account, boot) DO UPDATE
  SET granted = leases.granted + excluded.granted, booked = leases.booked + excluded.booked`;
