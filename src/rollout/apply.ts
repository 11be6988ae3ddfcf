/** Brings a policy into force: that of the file when it changed, or the one that is active in the store. */
import type { Activation, AuditKind } from '../core/policy-store.ts';
import { formatProblem, ProblemsError, type Problem } from '../lib/problems.ts';
import type { ActivePolicies, ActivePolicy } from './active-policy.ts';
import { guardWindow } from './guards.ts';
import { actOf, isNew, nameOf, recordEvent, type RolloutParts, type State } from './state.ts';

/** Stores and activates the file's policy if its text is new. */
export async function importFromFile(
  parts: RolloutParts,
  { policy, source }: ActivePolicy,
  note: string,
): Promise<void> {
  const { store } = parts;
  const seen = await store.seenInFile();
  if (seen === policy.version) return;
  const act = actOf(parts, note);
  await store.save({
    version: policy.version,
    name: policy.name,
    ...source,
    author: act.who,
    atMs: act.atMs,
    note,
  });
  await store.seeInFile(policy.version);
  // At the first import a version that is already active in the store takes precedence.
  if (seen === undefined && (await store.active()) !== undefined) return;
  await store.activate(policy.version, act, { file: source.file });
}

export function swapIn(state: State, policies: ActivePolicies, activePolicy: ActivePolicy): void {
  const { guards, version } = activePolicy.policy;
  policies.swap(activePolicy);
  state.window = guards && guardWindow(guards, version);
}

/**
 * Makes the store's active version the gateway's. `why` is the first sentence of the event's message.
 * @throws Error where it could not be compiled for another reason than its own problems: the next look tries again
 */
export async function applyActive(parts: RolloutParts, state: State, why?: string): Promise<void> {
  const { store, policies, onEvent } = parts;
  const active = await store.active();
  if (active === undefined || active.seq === state.seq) return;
  const before = state.seq;
  state.seq = active.seq;
  if (active.version === policies.current().policy.version) return;
  const stored = await store.get(active.version);
  if (stored === undefined) return;
  try {
    const activePolicy = await policies.compile(stored);
    swapIn(state, policies, activePolicy);
    const message = `${why === undefined ? '' : `${why} `}Policy ${nameOf(activePolicy)} is in force.`;
    onEvent({ event: EVENT_OF[active.kind], message });
  } catch (error) {
    if (error instanceof ProblemsError) return await refuse(parts, state, error.problems);
    // Its thread ended: it is tried again at the next look.
    state.tries += 1;
    if (state.tries % MOST_TRIES > 0) state.seq = before;
    throw error;
  }
}

/** Then only another activation is. */
const MOST_TRIES = 3;

const EVENT_OF: Readonly<Record<Activation['kind'], AuditKind>> = {
  activated: 'policy_activated',
  rolled_back: 'policy_rolled_back',
  stepped_back: 'policy_stepped_back',
};

/**
 * Reads the policy's file again, and puts it in force where it can be used; else tells of its problems.
 * @throws Error where it could not be compiled or stored for another reason
 */
export async function reloadFile(parts: RolloutParts, state: State): Promise<void> {
  try {
    const activePolicy = await parts.policies.compile(parts.read());
    state.problem = null;
    state.lastReported = '';
    await importFromFile(parts, activePolicy, 'the file changed');
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    await refuse(parts, state, error.problems);
  }
}

/** The last valid policy stays active. Reported again only if the problems change. */
async function refuse(
  parts: RolloutParts,
  state: State,
  problems: readonly Problem[],
): Promise<void> {
  const lines = problems.map(formatProblem);
  state.problem = { atMs: parts.epochMs(), problems };
  const stays = nameOf(parts.policies.current());
  if (!isNew(state, lines.join('\n'))) return;
  const message = [...lines, `The policy cannot be used; ${stays} stays in force.`];
  const [first = ''] = lines;
  const detail = { problem: first, problems: problems.length, stays };
  await recordEvent(parts, 'policy_reload_refused', message.join('\n'), detail);
}
