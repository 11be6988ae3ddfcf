/** A policy's text tried on a running gateway's ledger. */
import { setImmediate } from 'node:timers/promises';
import { simulator } from '../analysis/simulate.ts';
import type { Config } from '../config/config.ts';
import type { SimulationAnswer, SimulationAsk } from '../core/admin-simulation.ts';
import { GatewayError } from '../core/errors.ts';
import type { PolicyStore } from '../core/policy-store.ts';
import type { Ledger } from '../core/store.ts';
import { withShippedBase } from '../policy/shipped.ts';
import { readableOf } from '../rollout/versions.ts';
import type { RunningRollout } from './policies.ts';
import { ledgerPages } from '../stores/ledger-pages.ts';
import type { Core } from './core.ts';
import { keptQualityFor } from './threshold.ts';

export interface SimulationParts {
  readonly config: Pick<Config, 'judge'>;
  readonly core: Core;
  readonly ledger: Pick<Ledger, 'list'>;
  readonly store: Pick<PolicyStore, 'list'>;
  readonly rollout: Pick<RunningRollout, 'edit'>;
  readonly epochMs: () => number;
}

export type Simulate = (ask: SimulationAsk, ended: AbortSignal) => Promise<SimulationAnswer>;

const DEFAULT_MS = 30 * 86_400_000;
/** Of the window the newest: 2 s of the processor, in steps of a few milliseconds between requests. */
const MOST_RECORDS = 20_000;
const PAGE = 50;

/**
 * One at a time.
 * @throws GatewayError `caller_invalid` for a text that cannot be used, `gateway_overloaded` while another one runs
 */
export function simulateOnLedger(parts: SimulationParts): Simulate {
  let isRunning = false;
  return async (ask, ended) => {
    if (isRunning) throw busy();
    isRunning = true;
    try {
      await parts.rollout.edit.require(ask.text);
      return await simulated(parts, ask, ended);
    } finally {
      isRunning = false;
    }
  };
}

const busy = (): GatewayError =>
  new GatewayError(
    'gateway_overloaded',
    'Another simulation runs on this gateway; ask again when it is done, or use `smallfirst simulate`.',
  );

async function simulated(
  { config, core, ledger, store, epochMs }: SimulationParts,
  { text, since = epochMs() - DEFAULT_MS }: SimulationAsk,
  ended: AbortSignal,
): Promise<SimulationAnswer> {
  const { policies, upstreams, accountant } = core;
  const policy = await policies.read(withShippedBase({ file: 'editor', text }));
  const stored = await store.list();
  const { small } = policy.targets;
  const replayed = simulator({
    policy,
    known: [policies.current().policy, ...(await readableOf(stored, policies))],
    accountant,
    keptQuality: keptQualityFor(
      config.judge.deep,
      small.model ?? upstreams.get(small.upstream)?.facts().model,
    ),
  });
  let left = MOST_RECORDS;
  for await (const page of ledgerPages(ledger, since, PAGE)) {
    if (ended.aborted || left <= 0) break;
    for (const record of page) replayed.add(record);
    left -= page.length;
    // The memory ledger resolves in microtasks, which alone would block all other requests.
    await setImmediate();
  }
  const { records, before, after, spending, ...result } = replayed.result();
  const [fromMs, toMs] = [known(records.fromMs), known(records.toMs)];
  return {
    ...result,
    records: { ...records, fromMs, toMs },
    before: { ...before },
    after: { ...after },
    spending: { ...spending },
    isCut: left <= 0,
  };
}

const known = (ms: number): number | null => (Number.isFinite(ms) ? ms : null);
