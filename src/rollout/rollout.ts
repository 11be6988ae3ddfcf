/**
 * The policy of a running gateway: changes of its file, activations by other processes, and guards with
 * their step back. On any failure the last valid policy stays active.
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
import { policyEdit, requireUsable } from './edit.ts';
import { guardWindow, type Breach, type GuardPeers, type GuardWindow } from './guards.ts';
import type { PolicySource } from '../policy/shipped.ts';
import { digestObserver } from './model-digests.ts';
import { joined, serialRunner } from './serially.ts';
import type { ActivePolicy, ActivePolicies } from './active-policy.ts';

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

export interface Rollout extends PolicyAdmin {
  /** Takes every record, for the guards and the model digests. */
  readonly observe: Sink;
  /** Reads the file again and applies the store's activation. Never rejects. */
  reload(): Promise<void>;
  /** Called every second: applies the store's activation and checks the guards. Never rejects. */
  tick(): Promise<void>;
  /** Resolves when pending work is done. */
  close(): Promise<void>;
}

interface State {
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

const begun = (): State => ({
  seq: 0,
  window: undefined,
  problem: null,
  lastReported: '',
  tries: 0,
  isClosed: false,
});

/** Activates the file's version if the file changed, else the version that is active in the store. */
export async function openRollout(parts: RolloutParts): Promise<Rollout> {
  const { store, policies } = parts;
  const state = begun();
  const serially = serialRunner((error) => reportFailure(parts, state, error));
  const reload = joined(serially, async () => {
    await reloadFile(parts, state);
    await applyActive(parts, state);
  });
  const digests = digestObserver((seen) => {
    void serially(async () => {
      if (!(await store.noteDigest(seen.upstream, seen.model, seen.digest))) return;
      const { upstream, model, digest } = seen;
      const message = `${upstream}/${model} has another digest than before: ${digest}`;
      await recordEvent(parts, 'model_digest_changed', message, { upstream, model, digest });
    });
  });
  hearOthers(parts, state);
  await importFromFile(parts, policies.current(), 'as configured');
  swapIn(state, policies, policies.current());
  await applyActive(parts, state);
  return {
    observe: (record) => {
      state.window?.observe(record, parts.epochMs());
      digests(record);
    },
    reload,
    tick: () =>
      serially(async () => {
        await applyActive(parts, state);
        await checkGuards(parts, state);
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
      if (stored !== undefined) await requireUsable(policies, stored);
      await store.activate(version, { ...act, atMs: parts.epochMs() });
      await serially(() => applyActive(parts, state));
      return statusOf(parts, state);
    },
    rollBack: async (act) => {
      const entered = await store.back('rolled_back', { ...act, atMs: parts.epochMs() });
      if (entered === undefined) throw noneBefore();
      await serially(() => applyActive(parts, state));
      return statusOf(parts, state);
    },
    edit: policyEdit(parts),
    close: () => {
      state.isClosed = true;
      return serially(async () => {});
    },
  };
}

const noneBefore = (): GatewayError =>
  new GatewayError(
    'caller_not_found',
    'There is no version to go back to: none was active before this one.',
  );

const hearOthers = ({ others, epochMs }: RolloutParts, state: State): void =>
  others?.hear((evidence) => state.window?.heard(evidence, epochMs()));

async function checkGuards(parts: RolloutParts, state: State): Promise<void> {
  const observed = state.window?.observed();
  if (observed !== undefined) parts.others?.tell(observed);
  const breach = state.window?.breach(parts.epochMs());
  if (breach !== undefined) await stepBack(parts, state, breach);
}

const actOf = ({ user, epochMs }: RolloutParts, note = ''): Act => ({
  who: user,
  note,
  atMs: epochMs(),
});

async function recordEvent(
  parts: RolloutParts,
  event: AuditKind,
  message: string,
  detail: Detail,
): Promise<void> {
  await parts.store.record(event, { ...actOf(parts), who: 'gateway' }, detail);
  parts.onEvent({ event, message });
}

/** Stores and activates the file's policy if its text is new. */
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
  // At the first import a version that is already active in the store takes precedence.
  if (seen === undefined && (await store.active()) !== undefined) return;
  await store.activate(policy.version, act, { file: source.file });
}

function swapIn(state: State, policies: ActivePolicies, activePolicy: ActivePolicy): void {
  const { guards, version } = activePolicy.policy;
  policies.swap(activePolicy);
  state.window = guards && guardWindow(guards, version);
}

/** Makes the store's active version the gateway's. `why` is the first sentence of the event's message. */
async function applyActive(parts: RolloutParts, state: State, why?: string): Promise<void> {
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

const nameOf = ({ policy }: ActivePolicy): string => `${policy.name}@${policy.version}`;

async function reloadFile(parts: RolloutParts, state: State): Promise<void> {
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

async function stepBack(parts: RolloutParts, state: State, breach: Breach): Promise<void> {
  const { store, policies, epochMs } = parts;
  const before = nameOf(policies.current());
  const from = policies.current().policy.version;
  const { guard, is, bound, message } = breach;
  const act = { who: 'gateway', note: message, atMs: epochMs() };
  const detail = { from, guard, is, bound };
  const summary = `Guard ${guard} of ${before}: ${message}.`;
  if ((await store.back('stepped_back', act, detail)) !== undefined) {
    await applyActive(parts, state, `${summary} Rolled back.`);
    return;
  }
  if (!isNew(state, `${from} ${guard}`)) return;
  const stays = `${summary} There is no previous version, so it stays in force.`;
  await recordEvent(parts, 'policy_guard_broken', stays, detail);
}

function isNew(state: State, report: string): boolean {
  if (state.lastReported === report) return false;
  state.lastReported = report;
  return true;
}

/** After a failure of the store the active policy stays. */
function reportFailure({ onEvent }: RolloutParts, state: State, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  // What was on its way at the end is given up.
  if (!state.isClosed && isNew(state, message)) onEvent({ event: 'policy_store_failed', message });
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
