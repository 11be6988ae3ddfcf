/** `ledger …` on SQLite: a connection of its own beside the gateway's. */
import { existsSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type {
  AttemptsOfDays,
  LedgerCheck,
  LedgerTools,
  PaidCalls,
  Pruned,
} from '../core/ledger-tools.ts';
import type { Act } from '../core/policy-store.ts';
import { verifyChain } from './audit-chain.ts';
import { append, audit, everWritten } from './audit-log.ts';
import { attemptBook } from './sqlite-attempts.ts';
import { number, text } from './sqlite-row.ts';
import { openStateFile } from './state-file.ts';
import { thisBoot } from './boots.ts';

/** @throws GatewayError that says what is wrong with the file and what to do */
export function ledgerTools(path: string): LedgerTools {
  const { db, read, change, close } = openStateFile(path);
  return {
    attempts: async ({ sinceMs, untilMs }, upstream) =>
      read(() => attemptsOf(db, [sinceMs, untilMs, upstream ?? null, upstream ?? null])),
    calls: ({ sinceMs, untilMs }) => callsOf(db, sinceMs, untilMs),
    close: async (ends, act, detail) =>
      change(() => {
        const closed = closeUnknown(db, ends, act.atMs);
        append(db, 'ledger_reconciled', act, { ...detail, closed });
        return closed;
      }),
    check: async () => read(() => check(db, path)),
    backup: async (to) => {
      if (existsSync(to)) throw new Error(`${to} exists already: name a file that does not.`);
      read(() => void db.prepare('VACUUM INTO ?').run(to));
    },
    prune: async (beforeMs, act) => prune(db, change, beforeMs, act),
    end: async () => close(),
  };
}

const DAY = "strftime('%Y-%m-%d', at_ms / 1000, 'unixepoch')";
const IN_SPAN = 'at_ms >= ? AND at_ms < ? AND (? IS NULL OR upstream = ?)';

type Span = readonly [
  sinceMs: number,
  untilMs: number,
  upstream: string | null,
  again: string | null,
];

function attemptsOf(db: DatabaseSync, span: Span): AttemptsOfDays {
  const booked = db.prepare(
    `SELECT ${DAY} AS day, model,
       sum(CASE state WHEN 'settled' THEN used_nano_usd ELSE 0 END) AS settled, sum(state = 'open') AS open
     FROM attempts WHERE ${IN_SPAN} GROUP BY day, model`,
  );
  const unknown = db.prepare(
    `SELECT id, ${DAY} AS day, model, reserved_nano_usd FROM attempts WHERE state = 'unknown' AND ${IN_SPAN} ORDER BY id`,
  );
  const upstreams = db.prepare(`SELECT DISTINCT upstream FROM attempts WHERE ${IN_SPAN}`);
  return {
    booked: booked.all(...span).map((row) => ({
      day: text(row, 'day'),
      model: text(row, 'model'),
      settledNanoUsd: number(row, 'settled'),
      open: number(row, 'open'),
    })),
    unknown: unknown.all(...span).map((row) => ({
      id: text(row, 'id'),
      day: text(row, 'day'),
      model: text(row, 'model'),
      reservedNanoUsd: number(row, 'reserved_nano_usd'),
    })),
    upstreams: upstreams.all(...span).map((row) => text(row, 'upstream')),
  };
}

function* callsOf(db: DatabaseSync, sinceMs: number, untilMs: number): Generator<PaidCalls> {
  const kept = db.prepare(
    `SELECT at_ms, caller, ifnull(team, '') AS team, upstream, model, 1 AS calls, state IN ('open', 'unknown') AS unknown,
       CASE state WHEN 'open' THEN reserved_nano_usd ELSE used_nano_usd END AS nano
     FROM attempts WHERE at_ms >= ? AND at_ms < ?`,
  );
  const pruned = db.prepare(
    `SELECT day_ms AS at_ms, caller, team, upstream, model, attempts AS calls, 0 AS unknown, nano_usd AS nano
     FROM attempt_sums WHERE day_ms >= ? AND day_ms < ?`,
  );
  for (const rows of [kept, pruned]) {
    for (const row of rows.iterate(sinceMs, untilMs)) {
      yield {
        atMs: number(row, 'at_ms'),
        caller: text(row, 'caller'),
        team: text(row, 'team'),
        upstream: text(row, 'upstream'),
        model: text(row, 'model'),
        calls: number(row, 'calls'),
        nanoUsd: number(row, 'nano'),
        isUnknown: number(row, 'unknown') === 1,
      };
    }
  }
}

/** As the book itself ends them, so that what budgets count follows. */
function closeUnknown(
  db: DatabaseSync,
  ends: readonly { readonly id: string; readonly usedNanoUsd: number }[],
  atMs: number,
): number {
  const isUnknown = db.prepare("SELECT 1 FROM attempts WHERE id = ? AND state = 'unknown'");
  const still = ends.filter(({ id }) => isUnknown.get(id) !== undefined);
  const { within } = attemptBook(db);
  const ops = still.map((end) => ({ end: { ...end, state: 'settled' as const, atMs } }));
  within({ kind: 'attempts', boot: thisBoot('ledger'), ops });
  return still.length;
}

function check(db: DatabaseSync, path: string): LedgerCheck {
  const chain = verifyChain(audit(db), everWritten(db));
  const pages = db
    .prepare('PRAGMA quick_check(10)')
    .all()
    .map((row) => text(row, 'quick_check'));
  const count = (table: string, where = '1'): number =>
    number(db.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${where}`).get() ?? {}, 'n');
  const nano = db
    .prepare("SELECT ifnull(sum(used_nano_usd), 0) AS n FROM attempts WHERE state = 'unknown'")
    .get();
  return {
    problems: [
      ...pages.filter((line) => line !== 'ok').map((line) => `The file is damaged: ${line}.`),
      ...(chain.ok ? [] : [`The audit log was changed: row ${chain.seq}: ${chain.problem}.`]),
    ],
    records: count('records'),
    attempts: count('attempts'),
    unknown: count('attempts', "state = 'unknown'"),
    unknownNanoUsd: number(nano ?? {}, 'n'),
    open: count('attempts', "state = 'open'"),
    auditEvents: chain.ok ? chain.events : count('audit'),
    bytes: sizeOf(path) + sizeOf(`${path}-wal`),
  };
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Rows that are deleted in one transaction: the gateway's writes wait for it. */
const PRUNED_AT_ONCE = 1_000;

function prune(
  db: DatabaseSync,
  change: <T>(work: () => T) => T,
  beforeMs: number,
  act: Act,
): Pruned {
  const records = db.prepare(
    'DELETE FROM records WHERE seq IN (SELECT seq FROM records WHERE at_ms < ? LIMIT ?)',
  );
  const sums = db.prepare(
    `INSERT INTO attempt_sums (day_ms, caller, team, upstream, model, attempts, nano_usd)
     SELECT CAST(at_ms AS INTEGER) / 86400000 * 86400000, caller, ifnull(team, ''), upstream, model, count(*), sum(used_nano_usd)
     FROM attempts WHERE id IN (${OLD_ATTEMPTS}) GROUP BY 1, 2, 3, 4, 5
     ON CONFLICT (day_ms, caller, team, upstream, model)
     DO UPDATE SET attempts = attempts + excluded.attempts, nano_usd = nano_usd + excluded.nano_usd`,
  );
  const attempts = db.prepare(`DELETE FROM attempts WHERE id IN (${OLD_ATTEMPTS})`);
  const untilNone = (work: () => number): number => {
    for (let sum = 0; ;) {
      const some = change(work);
      sum += some;
      if (some < PRUNED_AT_ONCE) return sum;
    }
  };
  const pruned = {
    records: untilNone(() => Number(records.run(beforeMs, PRUNED_AT_ONCE).changes)),
    attempts: untilNone(() => {
      sums.run(beforeMs, PRUNED_AT_ONCE);
      return Number(attempts.run(beforeMs, PRUNED_AT_ONCE).changes);
    }),
  };
  change(() => {
    db.prepare('DELETE FROM feedback WHERE request_id NOT IN (SELECT id FROM records)').run();
    append(db, 'ledger_pruned', act, { before: new Date(beforeMs).toISOString(), ...pruned });
  });
  return pruned;
}

/** What is not known yet stays, and so does what is under way. */
const OLD_ATTEMPTS =
  "SELECT id FROM attempts WHERE at_ms < ? AND state IN ('settled', 'released') ORDER BY at_ms, id LIMIT ?";
