/** `ledger migrate --to postgres`: copies a file's store, goes on where an earlier run ended, and compares both. */
import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { GatewayError } from '../../core/errors.ts';
import { isWhole, type MigratedTable } from '../../core/ledger-tools.ts';
import { bootsIn, isAlive, thisBoot } from '../tables/boots.ts';
import { olderCounter } from '../rollups/older.ts';
import { rollupsIn } from '../rollups/rollups.ts';
import { number, text } from '../sqlite/row.ts';
import { openStateFile } from '../sqlite/state-file.ts';
import { recordReader } from '../sqlite/words.ts';
import { openPostgres } from './connection.ts';
import { copyAll } from './copy.ts';
import type { Postgres } from './port.ts';

/** Of a page of 500 records. */
const STATEMENT_MS = 120_000;

interface Migration {
  /** The file. */
  readonly path: string;
  readonly url: string;
  readonly told: (table: string, rows: number) => void;
}

/**
 * Changes nothing in the file but its name in Postgres.
 * @throws GatewayError where a gateway writes the file, or Postgres holds rows of something else: nothing is copied then
 */
export async function migrateFile({
  path,
  url,
  told,
}: Migration): Promise<readonly MigratedTable[]> {
  const { db, read, close } = openStateFile(path);
  const target = openPostgres({ url, statementMs: STATEMENT_MS, connections: 2 });
  try {
    read(() => requireQuiet(db, path));
    const name = read(() => nameOf(db));
    await requireOwn(target, name);
    read(() => countOlder(db));
    await copyAll(db, target, name, told);
    const tables = await compared(db, target);
    if (tables.every(isWhole))
      await target.query('UPDATE marks SET value = 1 WHERE name = $1', [`migrating ${name}`]);
    return tables;
  } finally {
    close();
    await target.close();
  }
}

function requireQuiet(db: DatabaseSync, path: string): void {
  const own = thisBoot('migrate');
  const living = bootsIn(db).filter(({ seenMs, ...boot }) =>
    isAlive(boot, Date.now() - seenMs, own),
  );
  if (living.length === 0) return;
  const who = living.map(({ pid, host }) => `${pid} on ${host}`).join(', ');
  throw new GatewayError(
    'caller_invalid',
    `A gateway writes to ${path} (process ${who}): stop it, migrate, and start it with \`store: { kind: postgres, url: … }\`.`,
  );
}

/** By which a later run finds what this one has copied. */
function nameOf(db: DatabaseSync): string {
  db.prepare("INSERT OR IGNORE INTO marks (name, value) VALUES ('migrated-as', ?)").run(
    randomUUID(),
  );
  const row = db.prepare("SELECT value FROM marks WHERE name = 'migrated-as'").get();
  return text(row ?? {}, 'value');
}

/** Two ledgers are not mixed, and what a gateway has added meanwhile is not written over. */
async function requireOwn({ transaction }: Postgres, name: string): Promise<void> {
  await transaction(async (query) => {
    const mark = `migrating ${name}`;
    const [known] = await query('SELECT value FROM marks WHERE name = $1', [mark]);
    const isOwn = known !== undefined;
    if (isOwn && number(known, 'value') === 1)
      throw new GatewayError(
        'caller_invalid',
        'This file was copied already: start the gateways with the configuration that names Postgres.',
      );
    const taken = await query(
      `SELECT 'a gateway' AS by FROM boots UNION ALL
       SELECT 'rows of another ledger' WHERE NOT $1 AND (EXISTS (SELECT 1 FROM records) OR EXISTS (SELECT 1 FROM attempts)
         OR EXISTS (SELECT 1 FROM audit) OR EXISTS (SELECT 1 FROM keys))`,
      [isOwn],
    );
    const [first] = taken;
    if (first !== undefined)
      throw new GatewayError(
        'caller_invalid',
        `The database of \`store.url\` is in use (${String(first['by'])}): stop the gateways, and name an empty database, or the one that this file was being copied to.`,
      );
    if (!isOwn) await query('INSERT INTO marks (name, value) VALUES ($1, 0)', [mark]);
  });
}

/** Rows of older versions have no figures yet. */
function countOlder(db: DatabaseSync): void {
  const count = olderCounter(db, rollupsIn(db), recordReader(db));
  while (count(1_000));
}

const SUMS = [
  ['records', 'records', 'sum(cost_nano_usd)'],
  ['attempts', 'attempts', 'sum(reserved_nano_usd)'],
  ['settled', "attempts WHERE state = 'settled'", 'sum(used_nano_usd)'],
  ['pruned attempts', 'attempt_sums', 'sum(nano_usd)'],
  ['policies', 'policies', '0'],
  ['activations', 'activations', '0'],
  ['audit log', 'audit', '0'],
  ['keys', 'keys', '0'],
  ['budgets', 'budgets', '0'],
  ['owners', 'owners', '0'],
  ['claims', 'claims', '0'],
  ['audits', 'audits', '0'],
] as const;

async function compared(db: DatabaseSync, { query }: Postgres): Promise<readonly MigratedTable[]> {
  const tables: MigratedTable[] = [];
  for (const [table, from, sum] of SUMS) {
    const sql = `SELECT count(*) AS n, coalesce(${sum}, 0) AS nano FROM ${from}`;
    const [here = {}, [there = {}]] = [db.prepare(sql).get(), await query(sql)];
    tables.push({
      table,
      rows: [number(here, 'n'), number(there, 'n')],
      nanoUsd: [number(here, 'nano'), number(there, 'nano')],
    });
  }
  const here = db
    .prepare(
      `SELECT count(DISTINCT account) AS n, coalesce(sum(nano_usd), 0) AS nano FROM spending WHERE account NOT LIKE '["large",%'`,
    )
    .get();
  const [there = {}] = await query(
    'SELECT count(DISTINCT account) AS n, coalesce(sum(granted), 0) AS nano FROM leases',
  );
  tables.push({
    table: 'accounts of budgets',
    rows: [number(here ?? {}, 'n'), number(there, 'n')],
    nanoUsd: [number(here ?? {}, 'nano'), number(there, 'nano')],
  });
  return tables;
}
