/** `ledger …` on SQLite: a connection of its own beside the gateway's. */
import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type {
  AttemptsOfDays,
  LedgerCheck,
  LedgerTools,
  PaidCalls,
  Pruned,
} from '../../core/ledger-tools.ts';
import type { Act } from '../../core/policy-store.ts';
import { READABLE_BY_OWNER } from '../../lib/file-mode.ts';
import { verifyChain } from '../tables/audit-chain.ts';
import { append, audit, everWritten } from '../tables/audit-log.ts';
import { attemptBook } from '../attempts/book.ts';
import { unbalancedBooks } from '../attempts/unbalanced.ts';
import { attemptsIn, callIn } from '../attempts/paid-rows.ts';
import { number, text } from './row.ts';
import { pruneFeedback } from './prune.ts';
import { databaseThread } from './thread.ts';
import { unreadableRecords } from './unreadable-records.ts';
import { openStateFile, type StateFile } from './state-file.ts';
import { thisBoot } from '../tables/boots.ts';

/** @throws GatewayError that says what is wrong with the file and what to do */
export function ledgerTools(path: string): LedgerTools {
  const file = openStateFile(path);
  const { db, read, change, close } = file;
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
    backup: async (to) => copyInto(file, to),
    prune: (beforeMs, act, abort) => prune(file, path, { beforeMs, act, abort }),
    end: async () => close(),
  };
}

/** @throws Error of Node where the copy cannot be made there; of a copy that fails later nothing is left behind */
function copyInto({ db, read }: StateFile, to: string): void {
  if (existsSync(to)) throw new Error(`${to} exists already: name a file that does not.`);
  closeSync(openSync(to, 'wx', READABLE_BY_OWNER));
  try {
    read(() => db.prepare('VACUUM INTO ?').run(to));
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  }
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
  return attemptsIn({
    booked: booked.all(...span),
    unknown: unknown.all(...span),
    upstreams: upstreams.all(...span),
  });
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
  for (const rows of [kept, pruned])
    for (const row of rows.iterate(sinceMs, untilMs)) yield callIn(row);
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
      ...unreadableRecords(db),
      ...unbalancedBooks(db),
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
const PRUNED_AT_ONCE = 250;

/** By a thread of its own, since each of its transactions waits for the disk. */
async function prune(
  { db, change }: StateFile,
  path: string,
  { beforeMs, act, abort }: Pruning,
): Promise<Pruned> {
  const thread = databaseThread(path);
  const sum = { records: 0, attempts: 0 };
  try {
    for (;;) {
      const [answer = ''] = await thread.ask({ kind: 'prune', beforeMs, most: PRUNED_AT_ONCE });
      const { records, attempts } = parsePruned(answer);
      sum.records += records;
      sum.attempts += attempts;
      if (records + attempts === 0 || abort?.aborted === true) break;
    }
  } finally {
    await thread.end();
  }
  if (sum.records + sum.attempts > 0)
    change(() => {
      pruneFeedback(db);
      append(db, 'ledger_pruned', act, { before: new Date(beforeMs).toISOString(), ...sum });
    });
  return sum;
}

interface Pruning {
  readonly beforeMs: number;
  readonly act: Act;
  readonly abort: AbortSignal | undefined;
}

// Written by the thread.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const parsePruned = (answer: string): Pruned => JSON.parse(answer) as Pruned;
