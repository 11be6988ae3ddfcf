/** Policies by version: the active one, and earlier ones from the store. */
import type { PolicyStore } from '../core/policy-store.ts';
import type { Policy } from '../core/policy.ts';
import { ProblemsError } from '../lib/problems.ts';
import type { PolicySource } from '../policy/shipped.ts';
import type { ActivePolicies } from './active-policy.ts';

/** Undefined for a version that was never stored, or that is invalid in the current configuration. */
export type PolicyByVersion = (version: string) => Promise<Policy | undefined>;

export function policyByVersion(
  policies: ActivePolicies,
  store: Pick<PolicyStore, 'get'>,
): PolicyByVersion {
  return async (version) => {
    const { policy } = policies.current();
    if (policy.version === version) return policy;
    const stored = await store.get(version);
    return stored && readable(stored, policies);
  };
}

/** Undefined for a text that is invalid in the current configuration. */
export function readable(source: PolicySource, policies: ActivePolicies): Policy | undefined {
  try {
    return policies.read(source);
  } catch (error) {
    if (error instanceof ProblemsError) return undefined;
    throw error;
  }
}
