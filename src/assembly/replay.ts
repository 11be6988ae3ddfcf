/** What replaying needs of an installation: its records, its prices and its policies. Nothing is started. */
import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import type { Accountant } from '../core/accounting.ts';
import type { Policy } from '../core/policy.ts';
import type { UsageRecord } from '../core/record.ts';
import type { Signal } from '../core/signal.ts';
import type { Ledger } from '../core/store.ts';
import { loadPolicy } from '../policy/load.ts';
import { findPolicy } from '../policy/shipped.ts';
import { upstreamKinds } from '../upstreams/index.ts';
import { thresholdFor } from '../signals/complexity/index.ts';
import { signalNames } from '../signals/index.ts';
import { assemble } from './core.ts';
import { openPolicyStore } from './policies.ts';
import { readable } from '../rollout/versions.ts';
import { openLedger } from './record-sinks.ts';
import type { ActivePolicies } from '../rollout/active-policy.ts';
import { describeUpstreams, type FindOptions } from './upstreams.ts';

export interface Replay {
  /** The configured policy, and the versions that its gateway has had. */
  readonly known: readonly Policy[];
  /** Those of the configured policy. */
  readonly signals: readonly Signal[];
  readonly accountant: Accountant;
  /**
   * Another policy for the same upstreams; paths count from `baseDir`.
   * @throws PolicyError with every mistake
   */
  load(nameOrPath: string, baseDir: string): Policy;
}

const PAGE = 1_000;

export async function openReplay(
  config: Config,
  env: FindOptions['env'],
  kinds: FindOptions['kinds'] = upstreamKinds,
): Promise<Replay> {
  const core = assemble(config, await describeUpstreams(config, { env, kinds }), { kinds });
  return {
    known: await knownPolicies(config, core.policies),
    signals: core.policies.current().signals,
    accountant: core.accountant,
    load: (nameOrPath, baseDir) =>
      loadPolicy(findPolicy(nameOrPath, baseDir), {
        upstreams: namedUpstreams(config),
        signals: signalNames,
        thresholdFor,
      }),
  };
}

/** Makes no store where there is none. */
async function knownPolicies(config: Config, policies: ActivePolicies): Promise<readonly Policy[]> {
  const { policy } = policies.current();
  if (config.store.kind !== 'sqlite' || !existsSync(config.store.path)) return [policy];
  const store = openPolicyStore(config);
  try {
    const stored = await store.list();
    return [policy, ...stored.flatMap((one) => readable(one, policies) ?? [])];
  } finally {
    await store.close();
  }
}

/** Undefined where upstreams are found at the start: records have whatever was found. */
function namedUpstreams({ upstreams }: Config): Parameters<typeof loadPolicy>[1]['upstreams'] {
  if (upstreams.kind !== 'configured') return undefined;
  return Object.fromEntries(
    upstreams.list.map(({ name, locality, model }) => [name, { locality, model }]),
  );
}

/**
 * The configured ledger, beside a gateway that may be writing to it.
 * @throws Error where there is none, or only in the gateway's own memory
 */
export async function openRecordedLedger(config: Config): Promise<Ledger> {
  const { store } = config;
  if (store.kind === 'memory') {
    throw new Error(
      'store.kind is memory: the records are in the gateway itself. Ask its GET /admin/requests, and give what it answers with --records.',
    );
  }
  if (store.kind === 'sqlite' && !existsSync(store.path)) {
    throw new Error(
      `There is no ledger at ${store.path} yet: the gateway makes it with its first request. Another one is named by --config.`,
    );
  }
  return await openLedger(config);
}

/** A page at a time, newest first; the next one is read while this one is worked on. */
export async function* ledgerPages(
  ledger: Pick<Ledger, 'list'>,
  sinceMs: number,
  limit = PAGE,
): AsyncGenerator<readonly UsageRecord[]> {
  let coming = ledger.list({ sinceMs, limit });
  for (;;) {
    const { records, next } = await coming;
    if (next !== undefined) {
      coming = ledger.list({ sinceMs, limit, cursor: next });
      // Awaited only after this page: a failure before that must not end the process as unhandled.
      coming.catch(() => {});
    }
    yield records;
    if (next === undefined) return;
  }
}
