/** The records, prices and policies of an installation, for replay. Starts nothing. */
import { performance } from 'node:perf_hooks';
import type { Config } from '../config/config.ts';
import type { Accountant } from '../core/accounting.ts';
import type { Policy } from '../core/policy.ts';
import type { Signal } from '../core/signal.ts';
import { loadPolicy } from '../policy/load.ts';
import { findPolicy } from '../policy/shipped.ts';
import { upstreamKinds } from '../upstreams/index.ts';
import { judgeInForce } from '../signals/complexity/index.ts';
import { signalNames } from '../signals/index.ts';
import { openForReading, requestState, unreadable } from '../stores/open.ts';
import { assemble } from './core.ts';
import { readableOf } from '../rollout/versions.ts';
import type { ActivePolicies } from '../rollout/active-policy.ts';
import { describeUpstreams, type FindOptions } from './upstreams.ts';
import { keptQualityFor, thresholdsWith } from './threshold.ts';

export interface Replay {
  /** The configured policy and its stored versions. */
  readonly known: readonly Policy[];
  /** The signals of the configured policy. */
  readonly signals: readonly Signal[];
  readonly accountant: Accountant;
  /**
   * Loads another policy for the same upstreams; paths are relative to `baseDir`.
   * @throws PolicyError with every mistake
   */
  load(nameOrPath: string, baseDir: string): Policy;
  /** The expected quality of the small model's answers under a policy, as a share of the large one's, by complexity. */
  keptQuality(policy: Policy): (complexity: number) => number;
}

export async function openReplay(
  config: Config,
  env: FindOptions['env'],
  kinds: FindOptions['kinds'] = upstreamKinds,
): Promise<Replay> {
  const core = assemble(config, await describeUpstreams(config, { env, kinds }), {
    ...requestState(() => performance.now()),
    kinds,
  });
  return {
    known: await knownPolicies(config, core.policies),
    signals: core.policies.current().signals,
    accountant: core.accountant,
    load: (nameOrPath, baseDir) =>
      loadPolicy(findPolicy(nameOrPath, baseDir), {
        upstreams: namedUpstreams(config),
        signals: signalNames,
        judgeInForce,
        thresholdFor: thresholdsWith(config.judge.deep),
      }),
    keptQuality: ({ targets: { small } }) =>
      keptQualityFor(
        config.judge.deep,
        small.model ?? namedUpstreams(config)?.[small.upstream]?.model,
      ),
  };
}

/** Creates no store if there is none. */
async function knownPolicies(config: Config, policies: ActivePolicies): Promise<readonly Policy[]> {
  const { policy } = policies.current();
  if (unreadable(config.store) !== undefined) return [policy];
  const state = openForReading(config.store);
  try {
    const stored = await state.policyVersions();
    return [policy, ...(await readableOf(stored, policies))];
  } finally {
    await state.close();
  }
}

/** Undefined if upstreams are detected at the start: records hold what was found. */
function namedUpstreams({ upstreams }: Config): Parameters<typeof loadPolicy>[1]['upstreams'] {
  if (upstreams.kind !== 'configured') return undefined;
  return Object.fromEntries(
    upstreams.list.map(({ name, locality, model }) => [name, { locality, model }]),
  );
}
