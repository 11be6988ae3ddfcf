/** The book of attempts in the database, on the ledger's thread: durable when it answers, and exact over all processes of the file. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type {
  AttemptEnd,
  AttemptIntent,
  SpendingAccount,
  SpendingLimit,
} from '../../core/attempt-log.ts';
import type { AttemptOp, AttemptQuestion, Beat, Boot, Booked, Refused } from './messages.ts';
import { bootsIn, isAlive } from '../tables/boots.ts';
import { spentInScope } from './spending.ts';
import { inTransaction } from '../sqlite/transaction.ts';

type Statements = ReturnType<typeof prepare>;

/** What was taken for dead and charged as reserved may still say what it used. */
const END = `UPDATE attempts SET state = ?, used_nano_usd = ?, ended_ms = ? WHERE id = ? AND state IN ('open', 'unknown')`;

const prepare = (db: DatabaseSync) => ({
  insert: db.prepare(
    `INSERT INTO attempts (id, request_id, at_ms, caller, team, upstream, model, prices, accounts, boot, reserved_nano_usd, state)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open') ON CONFLICT (id) DO NOTHING`,
  ),
  // Where no budget counts it, and so nothing is to be read of its row: half of what `end` takes.
  endUncounted: db.prepare(`${END} AND accounts = '[]'`),
  // Read before it is written: `RETURNING` would take a table of its own for one row.
  counted: db.prepare(
    `SELECT accounts, boot, reserved_nano_usd AS nano FROM attempts WHERE id = ? AND state IN ('open', 'unknown')`,
  ),
  end: db.prepare(END),
  commit: db.prepare(
    `INSERT INTO spending (account, boot, nano_usd) VALUES (?, ?, ?)
     ON CONFLICT (account, boot) DO UPDATE SET nano_usd = nano_usd + excluded.nano_usd`,
  ),
  committed: db.prepare(
    `SELECT sum(nano_usd) AS everybody, sum(CASE boot WHEN ? THEN nano_usd ELSE 0 END) AS own
     FROM spending WHERE account = ?`,
  ),
  past: spentInScope(db),
  db,
  seen: db.prepare(
    `INSERT INTO boots (id, host, pid, started_ms, seen_ms) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET seen_ms = excluded.seen_ms`,
  ),
  gone: db.prepare('DELETE FROM boots WHERE id = ?'),
  orphaned: db.prepare(
    `UPDATE attempts SET state = 'unknown', used_nano_usd = reserved_nano_usd, ended_ms = ?
     WHERE state = 'open' AND boot NOT IN (SELECT id FROM boots) RETURNING reserved_nano_usd AS nano`,
  ),
  inherited: db.prepare(
    `INSERT INTO spending (account, boot, nano_usd)
     SELECT account, '', sum(nano_usd) FROM spending WHERE boot NOT IN (SELECT id FROM boots) AND boot <> '' GROUP BY account
     ON CONFLICT (account, boot) DO UPDATE SET nano_usd = nano_usd + excluded.nano_usd`,
  ),
  forgotten: db.prepare(
    "DELETE FROM spending WHERE boot <> '' AND boot NOT IN (SELECT id FROM boots)",
  ),
  // Minutes of the large model's cap, which counts an hour.
  minutes: db.prepare(
    `DELETE FROM spending WHERE account >= '["large",' AND account < '["large"-' AND json_extract(account, '$[3]') < ?`,
  ),
  unknown: db.prepare(
    "SELECT count(*) AS count, sum(used_nano_usd) AS nano, min(at_ms) AS oldest FROM attempts WHERE state = 'unknown'",
  ),
});

export interface SqliteAttempts {
  /** Answers as the messages say, each in one transaction. */
  answer(question: AttemptQuestion): readonly string[];
  /** The same within a transaction of the caller's. */
  within(question: BookQuestion): Booked;
}

type BookQuestion = Extract<AttemptQuestion, { kind: 'attempts' }>;

/** Of this connection. For each row SQLite makes the list of states anew, as a table of its own with 87 kB of buffers; types hold it here. */
export const leaveRowsUnchecked = (db: DatabaseSync): void =>
  db.exec('PRAGMA ignore_check_constraints = ON');
export const checkRows = (db: DatabaseSync): void =>
  db.exec('PRAGMA ignore_check_constraints = OFF');

export function attemptBook(db: DatabaseSync): SqliteAttempts {
  leaveRowsUnchecked(db);
  const statements = prepare(db);
  return {
    within: ({ boot, ops }) => booked(statements, boot, ops),
    answer: (question) => [JSON.stringify(inTransaction(db, () => answer(statements, question)))],
  };
}

function answer(statements: Statements, question: AttemptQuestion): Booked | Beat {
  switch (question.kind) {
    case 'attempts':
      return booked(statements, question.boot, question.ops);
    case 'committed': {
      const keys = question.accounts.flatMap((account) => {
        begun(statements, account);
        return account.window ?? account.key;
      });
      return { refused: [], elsewhere: elsewhere(statements, question.boot, keys) };
    }
    case 'beat':
      return beat(statements, question.boot, question.atMs);
    case 'farewell':
      statements.gone.run(question.boot.id);
      return { refused: [], elsewhere: [] };
  }
}

function booked(statements: Statements, boot: Boot, ops: readonly AttemptOp[]): Booked {
  const refused: Refused[] = [];
  const touched = new Set<string>();
  for (const op of ops) {
    if ('end' in op) {
      end(statements, op.end);
      continue;
    }
    const { id, limits } = op.open;
    for (const { key } of limits) touched.add(key);
    const short = open(statements, boot, op.open);
    if (short !== undefined) refused.push({ id, budget: short.budget });
  }
  return { refused, elsewhere: elsewhere(statements, boot, [...touched]) };
}

/** Writes the intent, or returns the limit that it would exceed. */
function open(
  statements: Statements,
  boot: Boot,
  intent: AttemptIntent,
): SpendingLimit | undefined {
  const { limits, reservedNanoUsd: nano } = intent;
  for (const limit of limits) {
    begun(statements, limit);
    const { key, window = [key] } = limit;
    const sums = window.map((account) => sumOf(statements, boot, account).everybody);
    if (sums.reduce((sum, each) => sum + each, nano) > limit.limitNanoUsd) return limit;
  }
  const accounts = [...new Set(limits.map(({ key }) => key))];
  const { changes } = statements.insert.run(
    intent.id,
    intent.requestId,
    intent.atMs,
    intent.caller,
    intent.team,
    intent.upstream,
    intent.model,
    intent.prices,
    JSON.stringify(accounts),
    boot.id,
    nano,
  );
  // A batch that is sent again after its answer was lost must not count twice.
  if (changes === 0) return undefined;
  for (const account of accounts) statements.commit.run(account, boot.id, nano);
  return undefined;
}

function end(
  { endUncounted, counted, end: update, commit }: Statements,
  { id, state, usedNanoUsd, atMs }: AttemptEnd,
): void {
  if (endUncounted.run(state, usedNanoUsd, atMs, id).changes !== 0) return;
  const row = counted.get(id);
  if (row === undefined) return;
  update.run(state, usedNanoUsd, atMs, id);
  const accounts: readonly string[] = JSON.parse(String(row['accounts']));
  const change = usedNanoUsd - numberOf(row, 'nano');
  for (const account of accounts) commit.run(account, String(row['boot']), change);
}

/** An account that nobody has used counts what was spent in its scope and period before there was a budget for it. */
function begun(statements: Statements, account: SpendingAccount): void {
  const { key, scope, startMs, endMs, window } = account;
  if (window !== undefined) return;
  if (statements.committed.get('', key)?.['everybody'] !== null) return;
  statements.commit.run(key, '', statements.past({ scope, startMs, endMs }));
}

function sumOf({ committed }: Statements, boot: Boot, key: string) {
  const row = committed.get(boot.id, key);
  return { everybody: numberOf(row, 'everybody'), own: numberOf(row, 'own') };
}

const elsewhere = (
  statements: Statements,
  boot: Boot,
  keys: readonly string[],
): Booked['elsewhere'] =>
  keys.map((key) => {
    const { everybody, own } = sumOf(statements, boot, key);
    return { key, nanoUsd: everybody - own };
  });

function beat(statements: Statements, boot: Boot, atMs: number): Beat {
  const { db, gone, orphaned, seen, inherited, forgotten, unknown } = statements;
  seen.run(boot.id, boot.host, boot.pid, boot.startedMs, atMs);
  for (const { seenMs, ...other } of bootsIn(db)) {
    if (!isAlive(other, atMs - seenMs, boot)) gone.run(other.id);
  }
  const found = orphaned.all(atMs);
  inherited.run();
  statements.minutes.run(Math.floor(atMs / 60_000) - 120);
  forgotten.run();
  const left = unknown.get();
  const oldest = left?.['oldest'];
  return {
    processes: bootsIn(db).length,
    recovered: found.length,
    recoveredNanoUsd: found.reduce((sum, row) => sum + numberOf(row, 'nano'), 0),
    unreconciled: numberOf(left, 'count'),
    unreconciledNanoUsd: numberOf(left, 'nano'),
    ...(typeof oldest === 'number' ? { oldestUnreconciledMs: oldest } : {}),
  };
}

const numberOf = (row: ReturnType<StatementSync['get']>, name: string): number =>
  Number(row?.[name] ?? 0);
