/** The policy of a running gateway, as configured. */
import type { Config } from '../config/config.ts';
import type { Peers } from '../core/peers.ts';
import type { PolicyStore } from '../core/policy-store.ts';
import { osUser } from '../lib/os-user.ts';
import { findPolicy } from '../policy/shipped.ts';
import { watchPolicyFile } from '../rollout/watch-file.ts';
import { policyByVersion, type PolicyByVersion } from '../rollout/versions.ts';
import type { GuardPeers } from '../rollout/guards.ts';
import { openRollout, type Rollout } from '../rollout/rollout.ts';
import type { PolicyEvent } from '../rollout/state.ts';
import type { ActivePolicies } from '../rollout/active-policy.ts';
import type { Core } from './core.ts';
import { budgetNotice } from './start-lines.ts';

/** An activation by a command takes effect after at most this long. */
const LOOK_EVERY_MS = 1000;

export interface RunningRollout extends Rollout {
  readonly policyOf: PolicyByVersion;
}

/** The policies and the store of a rollout. */
interface RolloutParts {
  readonly policies: ActivePolicies;
  readonly store: PolicyStore;
  readonly peers: Peers | undefined;
}

interface Telling {
  readonly printLine: (line: string) => void;
  /** Logs and counts. */
  readonly policyEvent: (event: PolicyEvent) => void;
}

/**
 * Puts the policy in force that the store has active, else the configured one, and tells of every change. Watches the policy's file and
 * the store until it is closed; the store stays open.
 * @throws PolicyError where the policy cannot be used
 */
export async function startPolicies(
  config: Config,
  core: Core,
  { store, peers, printLine, policyEvent }: Pick<RolloutParts, 'store' | 'peers'> & Telling,
): Promise<RunningRollout> {
  const sayWhatNeedsBudget = budgetNotice(core, printLine);
  const parts = { policies: core.policies, store, peers };
  const rollout = await startRollout(config, parts, (news) => {
    printLine(news.message);
    sayWhatNeedsBudget();
    policyEvent(news);
  });
  sayWhatNeedsBudget();
  return rollout;
}

async function startRollout(
  config: Config,
  { policies, store, peers }: RolloutParts,
  onEvent: (event: PolicyEvent) => void,
): Promise<RunningRollout> {
  const rollout = await openRollout({
    store,
    policies,
    read: () => findPolicy(config.policy, config.baseDir),
    user: osUser(),
    epochMs: Date.now,
    onEvent,
    others: peers && guardPeers(peers),
  });
  const looking = setInterval(() => void rollout.tick(), LOOK_EVERY_MS).unref();
  const unwatch = watchPolicyFile(config.policy, () => void rollout.reload());
  return {
    ...rollout,
    policyOf: policyByVersion(policies, store),
    close: async () => {
      clearInterval(looking);
      unwatch();
      await rollout.close();
    },
  };
}

const guardPeers = (peers: Peers): GuardPeers => ({
  tell: (evidence) => peers.tell('guards', evidence),
  hear: (take) => {
    // The other end of this name is `tell`.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    peers.answer('guards', (evidence) => take(evidence as Parameters<typeof take>[0]));
  },
});
