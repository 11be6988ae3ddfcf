/**
 * Opens the state that a gateway keeps between requests, for the configured kind of store. The only file outside `config/` that
 * reads `store.kind`.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KeyStore } from '../core/keys.ts';
import type { LedgerTools, MigratedTable } from '../core/ledger-tools.ts';
import type { Owners } from '../core/owners.ts';
import type { PolicyStore } from '../core/policy-store.ts';
import type { StateReader, StoreSettings } from '../core/store.ts';
import { sqliteSessions } from './tables/sessions.ts';
import { sqliteClaims } from './tables/claims.ts';
import { sqliteBudgets } from './tables/budgets.ts';
import { keysInFile, sqliteKeys } from './tables/keys.ts';
import { ledgerTools } from './sqlite/tools.ts';
import { memoryAttempts } from './memory/attempts.ts';
import { memoryLedger } from './memory/ledger.ts';
import { sqliteOwners } from './tables/owners.ts';
import {
  budgetsBeside,
  keysBeside,
  openShared,
  ownersBeside,
  policiesBeside,
  postgresHealth,
  readerBeside,
} from './postgres/open.ts';
import { migrateFile } from './postgres/migrate-file.ts';
import { postgresTools } from './postgres/tools.ts';
import { networkWarning } from './sqlite/network-volume.ts';
import { openRequestState } from './request-state.ts';
import { sqliteSpending } from './attempts/spending.ts';
import { sqlitePolicies } from './tables/policies.ts';
import { sqliteReader } from './sqlite/reader.ts';
import { sqliteLedger } from './sqlite/ledger.ts';
import { databaseThread } from './sqlite/thread.ts';
import { openStateFile } from './sqlite/state-file.ts';
import { fileHealth, type StateHealth } from './state-health.ts';
import type { BudgetsOfStore, Durable, Stores, StoreTools } from './stores.ts';

/** @throws GatewayError that says what is wrong with the store, and what to do */
export async function openStores(settings: StoreSettings, tools: StoreTools): Promise<Stores> {
  const durable = await openDurable(settings, tools);
  const state = await openRequestState(tools, durable.replicas);
  const { ledger, policies, keys, owners, attempts } = durable;
  return {
    ...durable,
    ...state,
    attempts,
    close: async () => {
      state.close();
      await owners.close();
      await Promise.all([ledger.close(), policies.close(), keys.close()]);
    },
  };
}

/** With `memory`, all of it is empty at every start. */
async function openDurable(settings: StoreSettings, tools: StoreTools): Promise<Durable> {
  const { nowMs, peers, spawn, onLedgerProblem: onProblem, onRecovered = () => {} } = tools;
  switch (settings.kind) {
    case 'sqlite': {
      const { path, spill } = settings;
      // Opened first: if it fails nothing needs closing; the ledger has a thread.
      const rare = rarelyChanged(path, nowMs);
      // Workers keep a journal: one may be killed while the others go on, and its records must not be lost.
      const notes = peers !== undefined;
      const ledger = await sqliteLedger({ path, spill, nowMs, spawn, notes, onProblem });
      const { attempts, found } = ledger;
      const recovered = { ...(await attempts.beat()), ...found };
      onRecovered(recovered);
      const missingRows = found.missing?.rows ?? 0;
      return { ledger, attempts, missingRows, replicas: attempts.processes, ...rare };
    }
    case 'memory':
      return {
        ledger: memoryLedger(),
        attempts: memoryAttempts(),
        missingRows: 0,
        replicas: () => 1,
        ...rarelyChanged(':memory:', nowMs),
      };
    case 'postgres': {
      const { url, outbox } = settings;
      return await openShared({ url: url.reveal(), outbox }, tools);
    }
  }
}

/** Policies, keys, budgets and owners: they change a handful of times a day, and share one connection so that there is one audit log. */
function rarelyChanged(
  path: string,
  nowMs: () => number,
): Pick<Stores, 'policies' | 'keys' | 'budgets' | 'owners' | 'claims' | 'sessions'> {
  const file = openStateFile(path);
  // Begins with its first row: without keys there are no owners.
  const thread = path === ':memory:' ? undefined : databaseThread(path);
  const owners = sqliteOwners({ file, thread, nowMs });
  return {
    policies: sqlitePolicies(file),
    keys: sqliteKeys(file),
    budgets: sqliteBudgets(file),
    owners,
    claims: sqliteClaims(file, thread),
    sessions: sqliteSessions(file),
  };
}

/** Why another process cannot read the state of a gateway with these settings; undefined if it can. */
export function unreadable(settings: StoreSettings): string | undefined {
  switch (settings.kind) {
    case 'sqlite':
      if (existsSync(settings.path)) return undefined;
      return `There is no ledger at ${settings.path} yet: the gateway makes it with its first request. Another one is named by --config.`;
    case 'memory':
      return 'store.kind is memory: the records are in the gateway itself. Ask its GET /admin/requests, and give what it answers with --records.';
    case 'postgres':
      return undefined;
  }
}

/**
 * Records and policy versions, read-only, while a gateway may be writing them.
 * @throws Error with the text of `unreadable`, or when the file cannot be read
 */
export function openForReading(settings: StoreSettings): StateReader {
  const why = unreadable(settings);
  if (settings.kind === 'sqlite' && why === undefined) return sqliteReader(settings.path);
  if (settings.kind === 'postgres') return readerBeside(settings.url.reveal());
  throw new Error(why);
}

/** The file of what is collected for distillation: beside the state, or where a file of state would be. */
export function collectedPath(settings: StoreSettings, baseDir: string): string {
  const own = join(baseDir, '.smallfirst', 'state.db');
  const beside = settings.kind === 'sqlite' ? settings.path : outboxOf(settings);
  return join(dirname(beside ?? own), 'collected.db');
}

const outboxOf = (settings: StoreSettings): string | undefined =>
  settings.kind === 'postgres' ? settings.outbox : undefined;

/** The file of state that the next command makes; undefined where there is one, or none is needed. */
export const stateToMake = (settings: StoreSettings): string | undefined =>
  settings.kind === 'sqlite' && !existsSync(settings.path) ? settings.path : undefined;

/** A warning about the place of the state; undefined: none. */
export function placeWarning(settings: StoreSettings): string | undefined {
  if (settings.kind === 'sqlite') return networkWarning('store.path', settings.path);
  const outbox = outboxOf(settings);
  return outbox === undefined ? undefined : networkWarning('store.outbox', outbox);
}

/** For `doctor`. */
export async function stateHealth(settings: StoreSettings): Promise<StateHealth> {
  switch (settings.kind) {
    case 'sqlite': {
      const health = fileHealth(settings.path);
      const words = placeWarning(settings);
      return words === undefined || health.verdict === 'fail' ? health : { verdict: 'warn', words };
    }
    case 'postgres':
      return await postgresHealth({ ...settings, url: settings.url.reveal() });
    case 'memory':
      return {
        verdict: 'warn',
        words: 'store.kind memory: records, keys and budgets are lost at the end',
      };
  }
}

/**
 * The policies only, for a command that changes them while a gateway runs. Creates the file if there is none.
 * @throws Error if the store keeps nothing that another process can see
 */
export function openPolicyStore(settings: StoreSettings): PolicyStore {
  if (settings.kind === 'sqlite') return sqlitePolicies(settings.path);
  if (settings.kind === 'postgres') return policiesBeside(settings.url.reveal());
  throw new Error(
    `store.kind '${settings.kind}' keeps no policies that a command could see. Set store: { kind: sqlite }.`,
  );
}

/**
 * The keys only, likewise.
 * @throws Error if the store keeps nothing that another process can see
 */
export function openKeyStore(settings: StoreSettings): KeyStore {
  if (settings.kind === 'sqlite') return sqliteKeys(settings.path);
  if (settings.kind === 'postgres') return keysBeside(settings.url.reveal());
  throw new Error(
    `store.kind '${settings.kind}' keeps no keys that a command could make. Set store: { kind: sqlite }.`,
  );
}

export { requestState } from './request-state.ts';
export type { Spending } from './attempts/spending.ts';
export type { Recovered, RequestState, Stores, StoreTools } from './stores.ts';

/** Opens the ledger for maintenance beside a gateway. @throws Error where there is none that another process can see */
export function openLedgerTools(settings: StoreSettings): LedgerTools {
  const why = unreadable(settings);
  if (settings.kind === 'sqlite' && why === undefined) return ledgerTools(settings.path);
  if (settings.kind === 'postgres') return postgresTools(settings.url.reveal());
  throw new Error(why);
}

/**
 * Copies the store of a file into the Postgres that is configured.
 * @param told called with each table and the rows of it so far
 * @throws Error where there is no such file, or Postgres is not configured; GatewayError where one of both is in use
 */
export async function migrateStore(
  settings: StoreSettings,
  path: string,
  told: (table: string, rows: number) => void,
): Promise<readonly MigratedTable[]> {
  if (settings.kind !== 'postgres')
    throw new Error(
      'Write `store: { kind: postgres, url: ${DATABASE_URL} }` first: that is where the file is copied to.',
    );
  if (!existsSync(path)) throw new Error(`There is no ledger at ${path}: name it with --from.`);
  return await migrateFile({ path, url: settings.url.reveal(), told });
}

/**
 * The budgets only, likewise.
 * @throws Error if the store keeps nothing that another process can see
 */
export function openBudgetStore(settings: StoreSettings): BudgetsOfStore {
  if (settings.kind === 'postgres') return budgetsBeside(settings.url.reveal());
  if (settings.kind !== 'sqlite')
    throw new Error(
      `store.kind '${settings.kind}' keeps no budgets that a command could set. Set store: { kind: sqlite }.`,
    );
  const file = openStateFile(settings.path);
  return { budgets: sqliteBudgets(file), spending: sqliteSpending(file) };
}

/**
 * The owners only, likewise.
 * @throws Error if the store keeps nothing that another process can see
 */
export function openOwners(settings: StoreSettings): Owners {
  if (settings.kind === 'postgres') return ownersBeside(settings.url.reveal());
  if (settings.kind !== 'sqlite')
    throw new Error(
      `store.kind '${settings.kind}' keeps no owners that a command could change. Set store: { kind: sqlite }.`,
    );
  const { path } = settings;
  const thread = databaseThread(path);
  return sqliteOwners({ file: openStateFile(path), thread, nowMs: () => performance.now() });
}

/** Names and teams of the keys in a file of state; none where there is no such file, or it cannot be read. */
export function storedKeys({ path }: { readonly path: string }): ReturnType<typeof keysInFile> {
  return existsSync(path) ? keysInFile(path) : [];
}
