/** The policy of a running gateway and the store behind it, as configured. */
import type { Config } from '../config/config.ts';
import type { PolicyStore } from '../core/policy-store.ts';
import { osUser } from '../lib/os-user.ts';
import { findPolicy } from '../policy/shipped.ts';
import { sqlitePolicies } from '../stores/policies.ts';
import { watchPolicyFile } from '../rollout/watch-file.ts';
import { policyByVersion, type PolicyByVersion } from '../rollout/versions.ts';
import { openRollout, type PolicyEvent, type Rollout } from '../rollout/rollout.ts';
import type { ActivePolicies } from '../rollout/active-policy.ts';

/** An activation by a command is in force after at most this long. */
const LOOK_EVERY_MS = 1000;

/** With `store.kind: memory` it is as new at every start. @throws GatewayError */
export function openPolicyStore({ store }: Config): PolicyStore {
  switch (store.kind) {
    case 'sqlite':
      return sqlitePolicies(store.path);
    case 'memory':
      return sqlitePolicies(':memory:');
    case 'postgres':
      throw new Error('Policies have no postgres store.');
  }
}

export interface RunningRollout extends Rollout {
  readonly policyOf: PolicyByVersion;
}

/** Watches the policy's file and the store until it is closed. */
export async function startRollout(
  config: Config,
  policies: ActivePolicies,
  tell: (news: PolicyEvent) => void,
): Promise<RunningRollout> {
  const store = openPolicyStore(config);
  const rollout = await openRollout({
    store,
    policies: policies,
    read: () => findPolicy(config.policy, config.baseDir),
    user: osUser(),
    epochMs: Date.now,
    onEvent: tell,
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
      await store.close();
    },
  };
}
