/**
 * The life of the policy in a running gateway: the file's changes, activations from elsewhere, guards,
 * and the step back. Whatever goes wrong, the last good one stays in force.
 */
import { GatewayError } from '../core/errors.ts';
import type {
  Act,
  Activation,
  AuditKind,
  Detail,
  PolicyAdmin,
  PolicyStatus,
  PolicyStore,
} from '../core/policy-store.ts';
import type { Sink } from '../core/record.ts';
import { shownPolicy } from '../engine/modes.ts';
import { formatProblem, ProblemsError, type Problem } from '../lib/problems.ts';
import { guardWindow, type Breach, type GuardWindow } from './guards.ts';
import type { PolicySource } from '../policy/shipped.ts';
import { digestObserver } from './model-digests.ts';
import type { ActivePolicy, ActivePolicies } from './active-policy.ts';

/** For the log and the metric: what happened, in words. */
export interface PolicyEvent {
  readonly event: AuditKind | 'policy_store_failed';
  readonly message: string;
}

export interface RolloutParts {
  readonly store: PolicyStore;
  readonly policies: ActivePolicies;
  /** Reads the configured policy anew. @throws PolicyError when it is not there */
  readonly read: () => PolicySource;
  /** Who the gateway runs as. */
  readonly user: string;
  readonly epochMs: () => number;
  readonly onEvent: (news: PolicyEvent) => void;
}

export interface Rollout extends PolicyAdmin {
  /** Takes every record: for the guards, and for which model answered. */
  readonly observe: Sink;
  /** Reads the file again, and looks in the store. Never rejects. */
  reload(): Promise<void>;
  /** What is done every second: the store is looked at, the guards are asked. Never rejects. */
  tick(): Promise<void>;
  /** Resolves when what is under way is done. */
  close(): Promise<void>;
}

/** What changes here, in one place. */
interface State {
  /** The activation in force. */
  seq: number;
  window: GuardWindow | undefined;
  problem: PolicyStatus['problem'];
  /** Said once, not every second. */
  lastSaid: string;
}

/** Puts in force what the store says, or the file where it changed since. */
export async function openRollout(parts: RolloutParts): Promise<Rollout> {
  const { store, policies } = parts;
  const state: State = { seq: 0, window: undefined, problem: null, lastSaid: '' };
  const serially = serialRunner((error) => reportFailure(parts, state, error));
  const digests = digestObserver((seen) => {
    void serially(async () => {
      if (!(await store.noteDigest(seen.upstream, seen.model, seen.digest))) return;
      const { upstream, model, digest } = seen;
      const words = `${upstream}/${model} is answered by another build than before: ${digest}`;
      await recordEvent(parts, 'model_digest_changed', words, { upstream, model, digest });
    });
  });
  await importFromFile(parts, policies.current(), 'as configured');
  swapIn(state, policies, policies.current());
  await applyActive(parts, state);
  return {
    observe: (record) => {
      state.window?.observe(record, parts.epochMs());
      digests(record);
    },
    reload: () =>
      serially(async () => {
        await reloadFile(parts, state);
        await applyActive(parts, state);
      }),
    tick: () =>
      serially(async () => {
        await applyActive(parts, state);
        const breach = state.window?.breach(parts.epochMs());
        if (breach !== undefined) await stepBack(parts, state, breach);
      }),
    status: () => statusOf(parts, state),
    list: async () => {
      const { version } = policies.current().policy;
      const all = await store.list();
      return all.map(({ text: _text, ...rest }) =>
        Object.assign(rest, { isActive: rest.version === version }),
      );
    },
    activate: async (version, act) => {
      const stored = await store.get(version);
      if (stored !== undefined) readOrRefuse(policies, stored);
      await store.activate(version, { ...act, atMs: parts.epochMs() });
      await serially(() => applyActive(parts, state));
      return statusOf(parts, state);
    },
    close: () => serially(async () => {}),
  };
}

/** One thing at a time, in order; a failure is told and ends only what failed. */
function serialRunner(
  failed: (error: unknown) => void,
): (work: () => Promise<void>) => Promise<void> {
  let last = Promise.resolve();
  return (work) => {
    last = last.then(work).catch(failed);
    return last;
  };
}

const actOf = ({ user, epochMs }: RolloutParts, note = ''): Act => ({
  who: user,
  note,
  atMs: epochMs(),
});

async function recordEvent(
  parts: RolloutParts,
  event: AuditKind,
  words: string,
  detail: Detail,
): Promise<void> {
  await parts.store.record(event, { ...actOf(parts), who: 'gateway' }, detail);
  parts.onEvent({ event, message: words });
}

/** A text that this file did not have before is what its author wants from now on. */
async function importFromFile(
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
  // Never looked at, and somebody has activated a version already: that choice is newer.
  if (seen === undefined && (await store.active()) !== undefined) return;
  await store.activate(policy.version, act, { file: source.file });
}

function swapIn(state: State, policies: ActivePolicies, activePolicy: ActivePolicy): void {
  const { guards, version } = activePolicy.policy;
  policies.swap(activePolicy);
  state.window = guards && guardWindow(guards, version);
}

/** Puts the store's activation in force, if it is not yet. `why`: what there is to tell of it. */
async function applyActive(parts: RolloutParts, state: State, why?: string): Promise<void> {
  const { store, policies, onEvent } = parts;
  const active = await store.active();
  if (active === undefined || active.seq === state.seq) return;
  state.seq = active.seq;
  if (active.version === policies.current().policy.version) return;
  const stored = await store.get(active.version);
  if (stored === undefined) return;
  try {
    const activePolicy = policies.compile(stored);
    swapIn(state, policies, activePolicy);
    const news = `${why === undefined ? '' : `${why} `}Policy ${nameOf(activePolicy)} is in force.`;
    onEvent({ event: EVENT_OF[active.kind], message: news });
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    await refuse(parts, state, error.problems);
  }
}

const EVENT_OF: Readonly<Record<Activation['kind'], AuditKind>> = {
  activated: 'policy_activated',
  rolled_back: 'policy_rolled_back',
  stepped_back: 'policy_stepped_back',
};

const nameOf = ({ policy }: ActivePolicy): string => `${policy.name}@${policy.version}`;

async function reloadFile(parts: RolloutParts, state: State): Promise<void> {
  try {
    const activePolicy = parts.policies.compile(parts.read());
    state.problem = null;
    state.lastSaid = '';
    await importFromFile(parts, activePolicy, 'the file changed');
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    await refuse(parts, state, error.problems);
  }
}

/** The last good one stays. Said again only when the mistakes are others. */
async function refuse(
  parts: RolloutParts,
  state: State,
  problems: readonly Problem[],
): Promise<void> {
  const lines = problems.map(formatProblem);
  state.problem = { atMs: parts.epochMs(), problems };
  const stays = nameOf(parts.policies.current());
  if (!isNew(state, lines.join('\n'))) return;
  const words = [...lines, `The policy cannot be used as it is now; ${stays} stays in force.`];
  const [first = ''] = lines;
  const detail = { problem: first, problems: problems.length, stays };
  await recordEvent(parts, 'policy_reload_refused', words.join('\n'), detail);
}

async function stepBack(parts: RolloutParts, state: State, breach: Breach): Promise<void> {
  const { store, policies, epochMs } = parts;
  const before = nameOf(policies.current());
  const from = policies.current().policy.version;
  const { guard, is, bound, message } = breach;
  const act = { who: 'gateway', note: message, atMs: epochMs() };
  const detail = { from, guard, is, bound };
  const said = `Guard ${guard} of ${before}: ${message}.`;
  if ((await store.back('stepped_back', act, detail)) !== undefined) {
    await applyActive(parts, state, `${said} Stepped back.`);
    return;
  }
  if (!isNew(state, `${from} ${guard}`)) return;
  const stays = `${said} There is no version to step back to, so it stays in force.`;
  await recordEvent(parts, 'policy_guard_broken', stays, detail);
}

function isNew(state: State, words: string): boolean {
  if (state.lastSaid === words) return false;
  state.lastSaid = words;
  return true;
}

/** The store failed: requests go on under the policy there is. */
function reportFailure({ onEvent }: RolloutParts, state: State, error: unknown): void {
  const words = error instanceof Error ? error.message : String(error);
  if (isNew(state, words)) onEvent({ event: 'policy_store_failed', message: words });
}

function readOrRefuse(policies: ActivePolicies, source: PolicySource): void {
  try {
    policies.read(source);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    const message = `This version cannot be used with the present configuration: ${error.message}`;
    throw new GatewayError('caller_invalid', message, { cause: error });
  }
}

function statusOf({ policies }: RolloutParts, { problem }: State): PolicyStatus {
  const { policy, source } = policies.current();
  return {
    ...shownPolicy(policy),
    keyModes: policy.modes?.length ?? 0,
    guards: policy.guards ?? null,
    file: source.file,
    problem,
  };
}
