/** `ledger …` on Postgres. */
import { GatewayError } from '../../core/errors.ts';
import type { LedgerCheck, LedgerTools, PaidCalls, Pruned } from '../../core/ledger-tools.ts';
import type { Act } from '../../core/policy-store.ts';
import { attemptsIn, callIn } from '../attempts/paid-rows.ts';
import { number, text } from '../sqlite/row.ts';
import { openChanges, type Changes } from './changes.ts';
import { openPostgres } from './connection.ts';
import type { Query } from './port.ts';
import { postgresPolicies } from './policies.ts';

/** Of a year's rows. */
const STATEMENT_MS = 600_000;

export function postgresTools(url: string): LedgerTools {
  const postgres = openPostgres({ url, statementMs: STATEMENT_MS, connections: 2 });
  const changes = openChanges(postgres);
  const { query, change } = changes;
  return {
    attempts: async ({ sinceMs, untilMs }, upstream) => {
      const span = [sinceMs, untilMs, upstream ?? null];
      const [booked, unknown, upstreams] = await Promise.all([
        query(
          `SELECT ${DAY} AS day, model, coalesce(sum(used_nano_usd) FILTER (WHERE state = 'settled'), 0) AS settled,
             count(*) FILTER (WHERE state = 'open') AS open FROM attempts WHERE ${IN_SPAN} GROUP BY 1, 2`,
          span,
        ),
        query(
          `SELECT id, ${DAY} AS day, model, reserved_nano_usd FROM attempts WHERE state = 'unknown' AND ${IN_SPAN} ORDER BY id`,
          span,
        ),
        query(`SELECT DISTINCT upstream FROM attempts WHERE ${IN_SPAN}`, span),
      ]);
      return attemptsIn({ booked, unknown, upstreams });
    },
    calls: ({ sinceMs, untilMs }) => callsOf(query, sinceMs, untilMs),
    close: (ends, act, detail) =>
      change(async (within) => {
        const closed = await closeUnknown(within.query, ends, act.atMs);
        await within.log('ledger_reconciled', act, { ...detail, closed });
        return closed;
      }),
    check: () => check(changes),
    backup: async () => {
      throw new GatewayError(
        'caller_invalid',
        'A store in Postgres is copied with `pg_dump`; `ledger backup` copies a file.',
      );
    },
    prune: (beforeMs, act, abort) => prune(changes, beforeMs, { act, abort }),
    end: () => postgres.close(),
  };
}

const DAY = "to_char(to_timestamp(at_ms / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')";
const IN_SPAN = 'at_ms >= $1 AND at_ms < $2 AND ($3::text IS NULL OR upstream = $3)';

const PAGE = 5_000;

async function* callsOf(query: Query, sinceMs: number, untilMs: number): AsyncGenerator<PaidCalls> {
  let after: readonly [atMs: number, id: string] = [-1, ''];
  for (;;) {
    const rows = await query(
      `SELECT id, at_ms, caller, coalesce(team, '') AS team, upstream, model, 1 AS calls, state IN ('open', 'unknown') AS unknown,
         coalesce(used_nano_usd, reserved_nano_usd) AS nano
       FROM attempts WHERE at_ms >= $1 AND at_ms < $2 AND (at_ms, id) > ($3, $4) ORDER BY at_ms, id LIMIT $5`,
      [sinceMs, untilMs, ...after, PAGE],
    );
    yield* rows.map(callIn);
    const last = rows.at(-1);
    if (rows.length < PAGE || last === undefined) break;
    after = [number(last, 'at_ms'), text(last, 'id')];
  }
  const pruned = await query(
    `SELECT day_ms AS at_ms, caller, team, upstream, model, attempts AS calls, false AS unknown, nano_usd AS nano
     FROM attempt_sums WHERE day_ms >= $1 AND day_ms < $2`,
    [sinceMs, untilMs],
  );
  yield* pruned.map(callIn);
}

/** What budgets count follows at once: the difference goes to process '', whoever leased the money. */
async function closeUnknown(
  query: Query,
  ends: Parameters<LedgerTools['close']>[0],
  atMs: number,
): Promise<number> {
  const [row] = await query(
    `WITH given AS (SELECT * FROM json_to_recordset($1) AS x(id text, "usedNanoUsd" bigint)),
     closed AS (
       UPDATE attempts a SET state = 'settled', used_nano_usd = g."usedNanoUsd", ended_ms = $2 FROM given g
       WHERE a.id = g.id AND a.state = 'unknown' RETURNING a.accounts, a.used_nano_usd - a.reserved_nano_usd AS change
     ),
     booked AS (
       INSERT INTO leases (account, boot, granted, booked)
       SELECT account, '', sum(change), sum(change) FROM closed, unnest(accounts) account GROUP BY account ORDER BY account
       ON CONFLICT (account, boot) DO UPDATE
       SET granted = leases.granted + excluded.granted, booked = leases.booked + excluded.booked
     )
     SELECT count(*) AS closed FROM closed`,
    [JSON.stringify(ends), atMs],
  );
  return number(row ?? {}, 'closed');
}

async function check(changes: Changes): Promise<LedgerCheck> {
  const chain = await postgresPolicies(changes).verify();
  const [row = {}] = await changes.query(
    `SELECT (SELECT count(*) FROM records) AS records, count(*) AS attempts,
       count(*) FILTER (WHERE state = 'unknown') AS unknown, count(*) FILTER (WHERE state = 'open') AS open,
       coalesce(sum(used_nano_usd) FILTER (WHERE state = 'unknown'), 0) AS nano,
       (SELECT count(*) FROM audit) AS events, pg_database_size(current_database()) AS bytes FROM attempts`,
  );
  const [over] = await changes.query(
    `SELECT count(*) AS accounts FROM (SELECT account FROM leases GROUP BY account HAVING sum(booked) > sum(granted)) over_booked`,
  );
  const overBooked = number(over ?? {}, 'accounts');
  return {
    problems: [
      ...(chain.ok ? [] : [`The audit log was changed: row ${chain.seq}: ${chain.problem}.`]),
      ...(overBooked === 0
        ? []
        : [`In ${overBooked} accounts more is booked than was leased: a price rose meanwhile.`]),
    ],
    records: number(row, 'records'),
    attempts: number(row, 'attempts'),
    unknown: number(row, 'unknown'),
    unknownNanoUsd: number(row, 'nano'),
    open: number(row, 'open'),
    auditEvents: number(row, 'events'),
    bytes: number(row, 'bytes'),
  };
}

/** Rows that are deleted in one transaction: others' writes do not wait for it, but its disk does. */
const PRUNED_AT_ONCE = 5_000;

async function prune(
  { query, change }: Changes,
  beforeMs: number,
  { act, abort }: { readonly act: Act; readonly abort: AbortSignal | undefined },
): Promise<Pruned> {
  const untilNone = async (sql: string): Promise<number> => {
    for (let sum = 0; ;) {
      const [row] = await query(sql, [beforeMs, PRUNED_AT_ONCE]);
      const some = number(row ?? {}, 'gone');
      sum += some;
      if (some < PRUNED_AT_ONCE || abort?.aborted === true) return sum;
    }
  };
  const pruned = { records: await untilNone(RECORDS), attempts: await untilNone(ATTEMPTS) };
  if (pruned.records + pruned.attempts === 0) return pruned;
  await change(async (within) => {
    await within.query(
      'DELETE FROM feedback f WHERE NOT EXISTS (SELECT 1 FROM records r WHERE r.id = f.request_id)',
    );
    const before = new Date(beforeMs).toISOString();
    await within.log('ledger_pruned', act, { before, ...pruned });
  });
  return pruned;
}

const RECORDS = `
  WITH gone AS (
    DELETE FROM records WHERE id IN (SELECT id FROM records WHERE at_ms < $1 ORDER BY at_ms LIMIT $2) RETURNING 1
  ) SELECT count(*) AS gone FROM gone`;

/** What is not known yet stays, and so does what is under way. */
const ATTEMPTS = `
  WITH gone AS (
    DELETE FROM attempts WHERE id IN (
      SELECT id FROM attempts WHERE at_ms < $1 AND state IN ('settled', 'released') ORDER BY at_ms, id LIMIT $2
    ) RETURNING at_ms, caller, coalesce(team, '') AS team, upstream, model, used_nano_usd
  ), summed AS (
    INSERT INTO attempt_sums (day_ms, caller, team, upstream, model, attempts, nano_usd)
    SELECT floor(at_ms / 86400000)::bigint * 86400000, caller, team, upstream, model, count(*), sum(used_nano_usd)
    FROM gone GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (day_ms, caller, team, upstream, model) DO UPDATE
    SET attempts = attempt_sums.attempts + excluded.attempts, nano_usd = attempt_sums.nano_usd + excluded.nano_usd
  ) SELECT count(*) AS gone FROM gone`;
