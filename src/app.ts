/**
 * Starts, drains and stops a gateway; `assembly/` has its parts. A start has three steps, and what one opened is closed where a later
 * one fails: the stores (`startGateway`), meters and upstreams (`startOnStores`), and all that stands on them (`startOnUpstreams`).
 */
import { performance } from 'node:perf_hooks';
import { openAudits } from './assembly/audits.ts';
import { knownCards } from './assembly/cards.ts';
import { closeLast, closeServing, type Unwritten } from './assembly/closing.ts';
import { openCollecting } from './assembly/collecting.ts';
import { assemble, type Core } from './assembly/core.ts';
import { openCertificates } from './assembly/certificates.ts';
import { openJudging, type OpenJudging } from './assembly/judging-threads.ts';
import { memoryBudget } from './assembly/memory.ts';
import { meterLine, openGrid, openMetering, type EnergyParts } from './assembly/energy.ts';
import { httpParts } from './assembly/http-parts.ts';
import { startAuth } from './assembly/keys.ts';
import { openListeners, requireFreePorts, type Listeners } from './assembly/listeners.ts';
import { startProbing } from './assembly/probing.ts';
import { startPolicies } from './assembly/policies.ts';
import {
  ledgerNews,
  openRecords,
  recoveryNews,
  redisNews,
  type Records,
} from './assembly/record-sinks.ts';
import { mindRest } from './assembly/rest.ts';
import { policyLine, upstreamLines } from './assembly/start-lines.ts';
import { findUpstreams, type FindOptions } from './assembly/upstreams.ts';
import { startWatching } from './assembly/watching.ts';
import { expositionsOf } from './assembly/workers.ts';
import type { Config } from './config/config.ts';
import type { EarlyThread } from './early.ts';
import type { Upstream } from './core/upstream.ts';
import type { ByteBudget } from './lib/byte-budget.ts';
import { onceIfAlive } from './lib/while-alive.ts';
import { readTables } from './signals/index.ts';
import { upstreamKinds } from './upstreams/index.ts';
import { piiDetector } from './signals/pii/detector.ts';
import { collectedPath, openStores, placeWarning, type Stores } from './stores/open.ts';
import { createLog, type Log } from './telemetry/log.ts';
import { version } from './version.ts';
import type { Exposed } from './workers/calls.ts';
import type { Worker } from './workers/worker.ts';

export interface StartOptions extends Partial<FindOptions> {
  /** Shown on every page, for example that this is a demonstration. */
  readonly notice?: string;
  /** Replaces the configured upstreams. */
  readonly upstreams?: readonly Upstream[];
  /** Replaces the configured store; closed with the gateway. */
  readonly stores?: Stores;
  /** Starts the ledger's thread. */
  readonly spawn?: EarlyThread['spawn'] | undefined;
  /** It is one of several processes, and another one listens. */
  readonly worker?: Worker;
}

export interface RunningGateway {
  readonly url: string;
  /** Where the dashboard and `/admin` are. */
  readonly adminUrl: string;
  /** Of `server.basePath`: a proxy shows the gateway below it. */
  readonly basePath: string;
  readonly port: number;
  readonly authIsOpen: boolean;
  /** Lines for people. */
  readonly about: {
    readonly version: string;
    readonly upstreams: readonly string[];
    readonly policy: string;
  };
  /** Reads the policy's file again, and looks for another activation in the store. */
  reload(): Promise<void>;
  /** Lets requests in flight finish, for at most `limits.drainMs`; resolves to what could not be written. */
  close(): Promise<Unwritten>;
  /** Its own metrics in every format, also after its end. */
  expositions(): Promise<readonly Exposed[]>;
  /** Logs an unexpected error with its stack. */
  readonly reportBug: Log['reportBug'];
  /** Cuts off what `close` waits for; what was under way is recorded as it stands. */
  cut(): void;
}

const nowMs = (): number => performance.now();

/** Of the start: what is read of a file then holds up no first request. */
const SOON_MS = 100;

/** @throws Error that says what to change, when it cannot start */
export async function startGateway(
  config: Config,
  options: StartOptions = {},
): Promise<RunningGateway> {
  const log = createLog({ level: config.log.level });
  const { redis } = config.shared;
  const news = {
    onLedgerProblem: ledgerNews(log),
    onRedisProblem: redisNews(log, options.printLine ?? (() => {})),
    onRecovered: recoveryNews(log, options.printLine ?? (() => {})),
  };
  const warning = placeWarning(config.store);
  if (warning !== undefined) options.printLine?.(warning);
  const memory = memoryBudget(config);
  const { spawn, worker } = options;
  const tools = { nowMs, redis, memory, peers: worker?.peers, spawn, ...news };
  const opening = options.stores ?? openStores(config.store, tools);
  // Meanwhile: a thread opens the database.
  readTables();
  const stores = await opening;
  try {
    return await startOnStores(config, options, { log, stores, memory });
  } catch (error) {
    await stores.close();
    log.close();
    throw error;
  }
}

/** Parts that are opened first and closed last. */
interface Outlasting {
  readonly log: Log;
  readonly stores: Stores;
  readonly memory: ByteBudget;
}

/** @throws as `startGateway`; what was opened here is closed then */
async function startOnStores(
  config: Config,
  options: StartOptions,
  outlasting: Outlasting,
): Promise<RunningGateway> {
  const { log, memory } = outlasting;
  const find = withDefaults(options);
  const { kinds, printLine } = find;
  const peers = options.worker?.peers;
  // Asked first: a model that is loaded, or fetched, for nothing costs minutes.
  if (options.worker === undefined) await requireFreePorts(config);
  // Opened first, so that the loading of a model in this process is metered too.
  const [grid, metering] = await Promise.all([
    openGrid(config),
    openMetering(config, kinds, peers?.count),
  ]);
  const onLoading = (): (() => void) => metering.loading();
  const judging = openJudging(config, { printLine, warn: log.warn });
  const found = options.upstreams ?? (await findUpstreams(config, { ...find, onLoading, memory }));
  const life = new AbortController();
  try {
    const ground = { ...outlasting, find, grid, metering, found, life, judging, peers };
    return await startOnUpstreams(config, options, ground);
  } catch (error) {
    life.abort();
    await Promise.allSettled(found.map((upstream) => upstream.close()));
    metering.close();
    await judging.close();
    throw error;
  }
}

/** What a gateway stands on. */
interface Ground extends Outlasting, Required<EnergyParts> {
  readonly judging: OpenJudging;
  readonly find: FindOptions;
  readonly found: readonly Upstream[];
  /** Aborted when the gateway closes: ends everything that goes on beside requests. */
  readonly life: AbortController;
  readonly peers: Worker['peers'] | undefined;
}

/** In this order: the core, what keeps it up to date, records, policies, keys, the first look at upstreams, sockets. */
async function startOnUpstreams(
  config: Config,
  options: StartOptions,
  ground: Ground,
): Promise<RunningGateway> {
  const { log, stores, memory, find, grid, metering, found, judging, peers } = ground;
  const { signal: life } = ground.life;
  const { printLine, env } = find;
  const { notice = null, worker } = options;
  const beside = { printLine, log, life };
  printLine(meterLine(metering));

  const answering = await assembleAnswering(config, ground);
  const { core, collecting } = answering;
  const watched = { ...beside, core, stores, memory, ownsStores: options.stores === undefined };
  const watching = await startWatching(config, { ...watched, workers: peers?.count });

  const certificates = openCertificates(config, log.warn);
  const { ledger, missingRows, redisProblem } = stores;
  const shown = { version, env, log, ledger, missingRows, redisProblem, certificates };
  const seen = { ...shown, ...answering, ...watching, ...judging };
  const records = openRecords(core, seen);

  const told = { printLine, policyEvent: records.policyEvent };
  const rollout = await startPolicies(config, core, { ...told, store: stores.policies, peers });
  const timed = { ...beside, epochMs: Date.now };
  const keys = await startAuth(config, { ...timed, ...signingIn(stores, core) });
  await startProbing(watching.wiring, core, { life, start: find.abort });

  const built = { ...seen, config, stores, records, rollout, keys, memory, notice };
  const parts = httpParts({ ...built, energy: { grid, metering }, worker }, life);
  const listening = await openListeners(config, parts, { certificates, life, worker });
  startWhatCanWait(core, records, ground);

  return {
    ...openTo(listening),
    authIsOpen: config.auth.mode === 'open',
    basePath: config.server.basePath,
    about: aboutOf(core),
    reload: () => rollout.reload(),
    expositions: () => expositionsOf(records.metrics),
    reportBug: log.reportBug,
    close: async () => {
      ground.life.abort();
      await listening.close();
      await closeServing(parts, [collecting, judging.policyWork, rollout, ...found, records]);
      return await closeLast({ stores, log, metering, judging, core });
    },
  };
}

/** What judges and answers a request, and what looks at its answers. */
async function assembleAnswering(
  config: Config,
  { log, stores, find, grid, metering, found, judging, peers }: Ground,
) {
  const cardOf = knownCards(find);
  const audits = await openAudits({ ...find, ledger: stores.ledger, found, log, config });
  const collecting = collectingOf(config, log);
  const { collector } = collecting;
  const { kinds } = find;
  const own = { ...stores, kinds, grid, metering, cardOf, audits, collector, peers, ...judging };
  return { audits, collecting, core: assemble(config, found, own) };
}

/** Only after the gateway listens, so that whoever waits for it is answered first. */
function startWhatCanWait(core: Core, records: Records, { judging, life }: Ground): void {
  // Its thread takes a core for a quarter of a second; until then, the fast judge answers what this one is asked.
  judging.thread?.start();
  onceIfAlive(core.openPrices, SOON_MS, life.signal);
  mindRest({ life: life.signal, requests: records.published });
}

const collectingOf = ({ store, baseDir, pii }: Config, log: Log) =>
  openCollecting({
    path: collectedPath(store, baseDir),
    log,
    detector: piiDetector(pii.phoneRegions),
  });

/** What callers of a start may do with what listens, but for its end. */
const openTo = ({ url, adminUrl, port, cut }: Listeners) => ({ url, adminUrl, port, cut });

const aboutOf = (core: Core): RunningGateway['about'] => ({
  version,
  upstreams: upstreamLines(core),
  policy: policyLine(core),
});

const withDefaults = ({
  printLine = () => {},
  abort,
  env = process.env,
  kinds = upstreamKinds,
  worker,
}: StartOptions): FindOptions => ({
  isOneOfSeveral: worker !== undefined,
  printLine,
  env,
  kinds,
  abort: abort ?? new AbortController().signal,
});

const signingIn = ({ keys: store, sessions, policies: versions }: Stores, { policies }: Core) => ({
  store,
  sessions,
  versions,
  policies,
});
