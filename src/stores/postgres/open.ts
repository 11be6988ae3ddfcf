/** Opens the state that replicas share: in Postgres, with an outbox in front of it. */
import { dirname, join } from 'node:path';
import type { BudgetStore } from '../../core/budget-settings.ts';
import { GatewayError } from '../../core/errors.ts';
import type { KeyStore } from '../../core/keys.ts';
import type { Owners } from '../../core/owners.ts';
import type { PolicyStore } from '../../core/policy-store.ts';
import type { Ledger, StateReader } from '../../core/store.ts';
import type { BudgetsOfStore, Durable, StoreTools } from '../stores.ts';
import { sqliteLedger } from '../sqlite/ledger.ts';
import { ledgerInFile } from '../sqlite/state-file.ts';
import type { StateHealth } from '../state-health.ts';
import { sharedAttempts } from './attempts.ts';
import { postgresBudgets, postgresSpending } from './budgets.ts';
import { followChanges, openChanges, type Changes } from './changes.ts';
import { openPostgres } from './connection.ts';
import type { Postgres } from './port.ts';
import { placeOf } from './errors.ts';
import { forwarderThread } from './forward-thread.ts';
import { createForwarder } from './forwarder.ts';
import { postgresClaims, postgresOwners, postgresSessions } from './kept.ts';
import { postgresKeys } from './keys.ts';
import { createLeases } from './leases.ts';
import { sharedLedger } from './ledger.ts';
import { policyVersions, postgresPolicies } from './policies.ts';
import { followProcesses } from './processes.ts';
import { postgresRecords } from './records.ts';

interface Place {
  readonly url: string;
  /** The outbox's file; absent: it is in memory, and paid calls wait for Postgres. */
  readonly outbox?: string | undefined;
}

/** @throws GatewayError that says what is wrong with Postgres or the outbox, and what to do */
export async function openShared(
  { url, outbox }: Place,
  { nowMs, peers, onLedgerProblem, onRecovered = () => {} }: StoreTools,
): Promise<Durable> {
  const postgres = openPostgres({ url });
  const reading = openPostgres({ url, statementMs: READING_MS, connections: 2 });
  const life = new AbortController();
  const end = async (): Promise<void> => {
    life.abort();
    await Promise.all([postgres.close(), reading.close()]);
  };
  try {
    // The tables first: without them nothing needs closing.
    await requireWhole(postgres);
    if (outbox !== undefined) await requireOneLedger(postgres, dirname(outbox));
    const given = { url, postgres, reading, outbox, nowMs, peers, onLedgerProblem };
    const shared = await sharing(given);
    onRecovered(shared.recovered);
    const changes = followChanges(postgres, life.signal);
    const owners = postgresOwners({ changes, nowMs, ...shared });
    const { ledger, attempts, missingRows, replicas } = shared;
    return {
      ledger: inTurn(ledger, end),
      attempts,
      missingRows,
      replicas,
      owners,
      policies: { ...postgresPolicies(changes), close: NOTHING },
      keys: { ...postgresKeys(changes), close: NOTHING },
      budgets: { ...postgresBudgets(changes), close: NOTHING },
      claims: postgresClaims(postgres),
      sessions: postgresSessions(postgres),
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Where a file's store lies by default, beside the outbox. */
const FORMER = 'state.db';

/** @throws GatewayError where a file beside the outbox holds a ledger that was never copied: what was spent in it would be forgotten */
async function requireOneLedger({ query }: Postgres, folder: string): Promise<void> {
  const path = join(folder, FORMER);
  const former = ledgerInFile(path);
  if (former === undefined) return;
  const copied = await query('SELECT 1 FROM marks WHERE name = $1 AND value = 1', [
    `migrating ${former.migratedAs}`,
  ]);
  if (copied.length > 0) return;
  const [row] = await query(
    'SELECT EXISTS (SELECT FROM records) OR EXISTS (SELECT FROM attempts) AS taken',
  );
  const advice =
    row?.['taken'] === true
      ? 'and so does the database of `store.url`: move the file away if it is of no use, or name an empty database and copy the file with `smallfirst ledger migrate --to postgres`'
      : 'which Postgres has not: copy it with `smallfirst ledger migrate --to postgres`, or move the file away';
  throw new GatewayError('gateway_internal', `${path} holds a ledger, ${advice}.`);
}

/** @throws GatewayError where a file is still being copied there */
async function requireWhole({ query }: Postgres): Promise<void> {
  const copying = await query("SELECT 1 FROM marks WHERE name LIKE 'migrating %' AND value = 0");
  if (copying.length === 0) return;
  throw new GatewayError(
    'gateway_internal',
    'The database of `store.url` holds a part of a ledger: `smallfirst ledger migrate --to postgres` has not ended. Run it again, it goes on where it was.',
  );
}

/** Of a figure of a year. */
const READING_MS = 30_000;
/** What stands on the ledger's connections, or under it, is closed after it. */
const inTurn = (ledger: Ledger, next: () => Promise<void>): Ledger => ({
  ...ledger,
  close: async () => {
    await ledger.close();
    await next();
  },
});

/** Closed with the ledger, whose connections they use. */
const NOTHING = async (): Promise<void> => {};

interface Sharing extends Pick<StoreTools, 'nowMs' | 'peers' | 'onLedgerProblem'> {
  readonly url: string;
  readonly postgres: Postgres;
  readonly reading: Postgres;
  readonly outbox: string | undefined;
}

/** The ledger and the book of attempts. */
async function sharing(given: Sharing) {
  const { url, postgres, reading, outbox, nowMs, peers, onLedgerProblem } = given;
  const keepsRows = outbox !== undefined;
  const path = outbox ?? ':memory:';
  let wake: (() => void) | undefined;
  const local = await sqliteLedger({
    path,
    nowMs,
    notes: keepsRows && peers !== undefined,
    onProblem: onLedgerProblem,
    onOutbox: () => wake?.(),
  });
  const { attempts: book, thread, outbox: name = '', found } = local;
  const recovered = { ...(await book.beat()), ...found };
  const onProblem = onLedgerProblem;
  const forwarder = keepsRows
    ? forwarderThread({ url, path, outbox: name, onProblem })
    : createForwarder({ thread, postgres, outbox: name, epochMs: Date.now, onProblem });
  wake = forwarder.wake;
  const processes = await followProcesses({
    postgres,
    thread,
    forwarder,
    boot: book.boot,
    outbox: name,
    keepsRows,
  });
  const { register } = processes;
  const leases = createLeases(postgres, {
    boot: book.boot.id,
    register,
    forwarded: async () => {
      await book.flush();
      if (book.stats().queued > 0) throw new Error('ends of calls are not written yet');
      await forwarder.flush();
    },
  });
  const ledger = sharedLedger({ local, forwarder, reading, file: outbox });
  // What earlier processes left here, and what was recovered of it.
  forwarder.wake();
  return {
    ledger: inTurn(ledger, processes.close),
    attempts: sharedAttempts({ local: book, leases, forwarder, keepsRows }),
    missingRows: found.missing?.rows ?? 0,
    replicas: processes.count,
    recovered,
    thread,
  };
}

/** For commands: opened at the first question, and closed by each. */
const beside = <Store>(
  url: string,
  store: (changes: Changes) => Store,
): Store & { close(): Promise<void> } => {
  const postgres = openPostgres({ url, connections: 1 });
  return { ...store(openChanges(postgres)), close: () => postgres.close() };
};

export const policiesBeside = (url: string): PolicyStore => beside(url, postgresPolicies);
export const keysBeside = (url: string): KeyStore => beside(url, postgresKeys);

export function budgetsBeside(url: string): BudgetsOfStore {
  const postgres = openPostgres({ url, connections: 1 });
  const budgets: BudgetStore = {
    ...postgresBudgets(openChanges(postgres)),
    close: () => postgres.close(),
  };
  return { budgets, spending: postgresSpending(postgres) };
}

export const ownersBeside = (url: string): Owners =>
  beside(url, (changes) => postgresOwners({ changes, nowMs: () => performance.now() }));

export const readerBeside = (url: string): StateReader =>
  beside(url, ({ query }) => ({
    ...postgresRecords({ query }),
    policyVersions: () => policyVersions(query),
  }));

/** For `doctor`. */
export async function postgresHealth({ url, outbox }: Place): Promise<StateHealth> {
  const postgres = openPostgres({ url, connections: 1 });
  try {
    const [row] = await postgres.query(
      `SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS bytes,
         pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS is_read_only`,
    );
    const megabytes = (Number(row?.['bytes']) / 1e6).toFixed(1);
    const words = `${placeOf(url)}, Postgres ${String(row?.['version'])}, ${megabytes} MB`;
    if (row?.['is_read_only'] === true)
      return { verdict: 'fail', words: `${words}, takes no writes: name the primary` };
    if (outbox === undefined)
      return { verdict: 'warn', words: `${words}; without an outbox paid calls wait for it` };
    return { verdict: 'ok', words: `${words}; outbox ${outbox}` };
  } catch (error) {
    return { verdict: 'fail', words: error instanceof Error ? error.message : String(error) };
  } finally {
    await postgres.close();
  }
}
