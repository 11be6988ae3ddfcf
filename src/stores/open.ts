/**
 * Opens the state that a gateway keeps between requests, for the configured kind of store. The only file outside `config/` that
 * reads `store.kind`.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KeyStore } from '../core/keys.ts';
import type { LedgerTools, MigratedTable } from '../core/ledger-tools.ts';
import type { Owners } from '../core/owners.ts';
import type { Peers } from '../core/peers.ts';
import type { PolicyStore } from '../core/policy-store.ts';
import type { StateReader, StoreSettings } from '../core/store.ts';
import { sqliteSessions } from './sessions.ts';
import { sqliteClaims } from './claims.ts';
import { sqliteBudgets } from './budgets.ts';
import { keysInFile, sqliteKeys } from './keys.ts';
import type { ByteBudget } from '../lib/byte-budget.ts';
import type { Secret } from '../lib/secret.ts';
import { ledgerTools } from './ledger-tools.ts';
import { memoryAnswers } from './memory-answers.ts';
import { memoryAttempts } from './memory-attempts.ts';
import { memoryConversations } from './memory-conversations.ts';
import { memoryRates } from './memory-rates.ts';
import { memoryResponseStore } from './memory-responses.ts';
import { memoryLedger } from './memory.ts';
import { sqliteOwners } from './owners.ts';
import {
  budgetsBeside,
  keysBeside,
  openShared,
  ownersBeside,
  policiesBeside,
  postgresHealth,
  readerBeside,
} from './postgres/open.ts';
import { peerAnswers, peerConversations, peerRates, peerResponses } from './peers.ts';
import { migrateFile } from './postgres/migrate-file.ts';
import { postgresTools } from './postgres/tools.ts';
import { sqliteSpending } from './spending.ts';
import { sqlitePolicies } from './policies.ts';
import { sqliteReader } from './sqlite-reader.ts';
import { sqliteLedger } from './sqlite.ts';
import { databaseThread } from './sqlite-thread.ts';
import { openStateFile } from './state-file.ts';
import { fileHealth, type StateHealth } from './state-health.ts';
import type { BudgetsOfStore, Durable, RequestState, Stores, StoreTools } from './stores.ts';

/** @throws GatewayError that says what is wrong with the store, and what to do */
export async function openStores(settings: StoreSettings, tools: StoreTools): Promise<Stores> {
  const durable = await openDurable(settings, tools);
  const { nowMs, redis, memory, peers } = tools;
  const shared = redis && (await sharedState(redis, { nowMs, memory }));
  const { ledger, policies, keys, owners, attempts } = durable;
  return {
    ...durable,
    ...(peers === undefined ? requestState(nowMs, memory) : stateOfAll(peers, nowMs, memory)),
    ...shared,
    attempts,
    close: async () => {
      shared?.close();
      await owners.close();
      await Promise.all([ledger.close(), policies.close(), keys.close()]);
    },
  };
}

/** What replicas share. The client of Redis is loaded where there is one: it takes 40 ms of the processor. */
async function sharedState(
  url: Secret,
  { nowMs, memory }: Pick<StoreTools, 'nowMs' | 'memory'>,
): Promise<Pick<RequestState, 'rates' | 'answers' | 'replays'> & { close(): void }> {
  const [{ redisLink }, { redisRates }, { redisAnswers }] = await Promise.all([
    import('./redis-link.ts'),
    import('./redis-rates.ts'),
    import('./redis-answers.ts'),
  ]);
  const link = redisLink({ url: url.reveal(), nowMs });
  const rates = redisRates({ link, here: memoryRates(nowMs) });
  const close = (): void => {
    rates.close();
    link.close();
  };
  const answers = redisAnswers(link, memoryAnswers(nowMs, { memory }));
  return { rates, answers, replays: redisAnswers(link), close };
}

/** In this process's memory, for every kind of store; `nowMs` is monotonic. */
export const requestState = (nowMs: () => number, memory?: ByteBudget): RequestState => ({
  responses: memoryResponseStore({}, memory),
  conversations: memoryConversations(nowMs),
  attempts: memoryAttempts(),
  rates: memoryRates(nowMs),
  answers: memoryAnswers(nowMs, { memory }),
});

/** The same of several processes of one gateway: with a Redis, its own stand in the place of the last three. */
const stateOfAll = (peers: Peers, nowMs: () => number, memory?: ByteBudget): RequestState => ({
  responses: peerResponses(memoryResponseStore({}, memory), peers),
  conversations: peerConversations(memoryConversations(nowMs), peers),
  attempts: memoryAttempts(),
  rates: peerRates(memoryRates(nowMs), peers),
  answers: peerAnswers(memoryAnswers(nowMs, { memory }), peers, 'answer'),
  replays: peerAnswers(memoryAnswers(nowMs, { memory }), peers, 'replay'),
});

/** With `memory`, all of it is empty at every start. */
async function openDurable(settings: StoreSettings, tools: StoreTools): Promise<Durable> {
  const { nowMs, onLedgerProblem, onRecovered = () => {} } = tools;
  switch (settings.kind) {
    case 'sqlite': {
      const { path, spill } = settings;
      // Opened first: if it fails nothing needs closing; the ledger has a thread.
      const rare = rarelyChanged(path, nowMs);
      const ledger = await sqliteLedger({ path, spill, nowMs, onProblem: onLedgerProblem });
      const { attempts, found } = ledger;
      const recovered = { ...(await attempts.beat()), ...found };
      onRecovered(recovered);
      return { ledger, attempts, missingRows: found.missing?.rows ?? 0, ...rare };
    }
    case 'memory':
      return {
        ledger: memoryLedger(),
        attempts: memoryAttempts(),
        missingRows: 0,
        ...rarelyChanged(':memory:', nowMs),
      };
    case 'postgres': {
      const { url, outbox } = settings;
      return await openShared({ url: url.reveal(), outbox }, tools);
    }
  }
}

/** What changes a handful of times a day, and owners; one connection, so that one audit log has it all. */
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

/** For `doctor`. */
export async function stateHealth(settings: StoreSettings): Promise<StateHealth> {
  switch (settings.kind) {
    case 'sqlite':
      return fileHealth(settings.path);
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

export type { Spending } from './spending.ts';
export type { Recovered, RequestState, Stores, StoreTools } from './stores.ts';

/**
 * What is done to a ledger beside the gateway.
 * @throws Error if the store is not one that another process can open
 */
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
