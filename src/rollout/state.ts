/** What a rollout is made of, what it remembers, and how it tells what happened: each failure once, not every second. */
import type { Act, AuditKind, Detail, PolicyStatus, PolicyStore } from '../core/policy-store.ts';
import type { PolicySource } from '../policy/shipped.ts';
import type { ActivePolicies, ActivePolicy } from './active-policy.ts';
import type { GuardPeers, GuardWindow } from './guards.ts';

/** An event for the log and the metric. */
export interface PolicyEvent {
  readonly event: AuditKind | 'policy_store_failed';
  readonly message: string;
}

export interface RolloutParts {
  readonly store: PolicyStore;
  readonly policies: ActivePolicies;
  /** Reads the configured policy again. @throws PolicyError when it does not exist */
  readonly read: () => PolicySource;
  /** The user that the gateway runs as. */
  readonly user: string;
  readonly epochMs: () => number;
  readonly onEvent: (event: PolicyEvent) => void;
  /** Other processes of this gateway; absent: there are none. */
  readonly others?: GuardPeers | undefined;
}

/** What the steps of a rollout share. */
export interface State {
  /** The active activation's number. */
  seq: number;
  window: GuardWindow | undefined;
  problem: PolicyStatus['problem'];
  /** So that a failure is reported once, not every second. */
  lastReported: string;
  /** Activations that could neither be used nor refused. */
  tries: number;
  isClosed: boolean;
}

export const begun = (): State => ({
  seq: 0,
  window: undefined,
  problem: null,
  lastReported: '',
  tries: 0,
  isClosed: false,
});

export const actOf = ({ user, epochMs }: RolloutParts, note = ''): Act => ({
  who: user,
  note,
  atMs: epochMs(),
});

export async function recordEvent(
  parts: RolloutParts,
  event: AuditKind,
  message: string,
  detail: Detail,
): Promise<void> {
  await parts.store.record(event, { ...actOf(parts), who: 'gateway' }, detail);
  parts.onEvent({ event, message });
}

export const nameOf = ({ policy }: ActivePolicy): string => `${policy.name}@${policy.version}`;

/** Whether this is another report than the last; remembers it. */
export function isNew(state: State, report: string): boolean {
  if (state.lastReported === report) return false;
  state.lastReported = report;
  return true;
}

/** After a failure of the store the active policy stays. */
export function reportFailure({ onEvent }: RolloutParts, state: State, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  // What was on its way at the end is given up.
  if (!state.isClosed && isNew(state, message)) onEvent({ event: 'policy_store_failed', message });
}
