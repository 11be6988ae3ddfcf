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
  PolicyDesk,
  PolicyStatus,
  PolicyStore,
} from '../core/policy-store.ts';
import type { Sink } from '../core/record.ts';
import { shownPolicy } from '../engine/modes.ts';
import { formatProblem, ProblemsError, type Problem } from '../lib/problems.ts';
import { guardWindow, type Breach, type GuardWindow } from './guards.ts';
import type { PolicySource } from '../policy/shipped.ts';
import { digestWatch } from './model-digests.ts';
import type { Ruling, Rulings } from './active-policy.ts';

/** For the log and the metric: what happened, in words. */
export interface PolicyNews {
  readonly event: AuditKind | 'policy_store_failed';
  readonly words: string;
}

export interface RolloutParts {
  readonly store: PolicyStore;
  readonly rulings: Rulings;
  /** Reads the configured policy anew. @throws PolicyError when it is not there */
  readonly read: () => PolicySource;
  /** Who the gateway runs as. */
  readonly user: string;
  readonly epochMs: () => number;
  readonly tell: (news: PolicyNews) => void;
}

export interface Rollout extends PolicyDesk {
  /** Takes every record: for the guards, and for which model answered. */
  readonly see: Sink;
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
  const { store, rulings } = parts;
  const state: State = { seq: 0, window: undefined, problem: null, lastSaid: '' };
  const inTurn = turns((error) => complain(parts, state, error));
  const digests = digestWatch((seen) => {
    void inTurn(async () => {
      if (!(await store.noteDigest(seen.upstream, seen.model, seen.digest))) return;
      const { upstream, model, digest } = seen;
      const words = `${upstream}/${model} is answered by another build than before: ${digest}`;
      await happened(parts, 'model_digest_changed', words, { upstream, model, digest });
    });
  });
  await adopt(parts, rulings.current(), 'as configured');
  use(state, rulings, rulings.current());
  await follow(parts, state);
  return {
    see: (record) => {
      state.window?.see(record, parts.epochMs());
      digests(record);
    },
    reload: () =>
      inTurn(async () => {
        await readAgain(parts, state);
        await follow(parts, state);
      }),
    tick: () =>
      inTurn(async () => {
        await follow(parts, state);
        const breach = state.window?.breach(parts.epochMs());
        if (breach !== undefined) await stepBack(parts, state, breach);
      }),
    status: () => statusOf(parts, state),
    list: async () => {
      const { version } = rulings.current().policy;
      const all = await store.list();
      return all.map(({ text: _text, ...rest }) =>
        Object.assign(rest, { isActive: rest.version === version }),
      );
    },
    activate: async (version, act) => {
      const stored = await store.get(version);
      if (stored !== undefined) readOrRefuse(rulings, stored);
      await store.activate(version, { ...act, atMs: parts.epochMs() });
      await inTurn(() => follow(parts, state));
      return statusOf(parts, state);
    },
    close: () => inTurn(async () => {}),
  };
}

/** One thing at a time, in order; a failure is told and ends only what failed. */
function turns(failed: (error: unknown) => void): (work: () => Promise<void>) => Promise<void> {
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

async function happened(
  parts: RolloutParts,
  event: AuditKind,
  words: string,
  detail: Detail,
): Promise<void> {
  await parts.store.record(event, { ...actOf(parts), who: 'gateway' }, detail);
  parts.tell({ event, words });
}

/** A text that this file did not have before is what its author wants from now on. */
async function adopt(parts: RolloutParts, { policy, source }: Ruling, note: string): Promise<void> {
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
  // Never looked at, and somebody has activated a version already: that was the newer wish.
  if (seen === undefined && (await store.active()) !== undefined) return;
  await store.activate(policy.version, act, { file: source.file });
}

function use(state: State, rulings: Rulings, ruling: Ruling): void {
  const { guards, version } = ruling.policy;
  rulings.swap(ruling);
  state.window = guards && guardWindow(guards, version);
}

/** Puts the store's activation in force, if it is not yet. `why`: what there is to tell of it. */
async function follow(parts: RolloutParts, state: State, why?: string): Promise<void> {
  const { store, rulings, tell } = parts;
  const active = await store.active();
  if (active === undefined || active.seq === state.seq) return;
  state.seq = active.seq;
  if (active.version === rulings.current().policy.version) return;
  const stored = await store.get(active.version);
  if (stored === undefined) return;
  try {
    const ruling = rulings.compile(stored);
    use(state, rulings, ruling);
    const news = `${why === undefined ? '' : `${why} `}Policy ${nameOf(ruling)} is in force.`;
    tell({ event: EVENT_OF[active.kind], words: news });
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

const nameOf = ({ policy }: Ruling): string => `${policy.name}@${policy.version}`;

async function readAgain(parts: RolloutParts, state: State): Promise<void> {
  try {
    const ruling = parts.rulings.compile(parts.read());
    state.problem = null;
    state.lastSaid = '';
    await adopt(parts, ruling, 'the file changed');
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
  const stays = nameOf(parts.rulings.current());
  if (!isNews(state, lines.join('\n'))) return;
  const words = [...lines, `The policy cannot be used as it is now; ${stays} stays in force.`];
  const [first = ''] = lines;
  const detail = { problem: first, problems: problems.length, stays };
  await happened(parts, 'policy_reload_refused', words.join('\n'), detail);
}

async function stepBack(parts: RolloutParts, state: State, breach: Breach): Promise<void> {
  const { store, rulings, epochMs } = parts;
  const before = nameOf(rulings.current());
  const from = rulings.current().policy.version;
  const { guard, is, bound, words } = breach;
  const act = { who: 'gateway', note: words, atMs: epochMs() };
  const detail = { from, guard, is, bound };
  const said = `Guard ${guard} of ${before}: ${words}.`;
  if ((await store.back('stepped_back', act, detail)) !== undefined) {
    await follow(parts, state, `${said} Stepped back.`);
    return;
  }
  if (!isNews(state, `${from} ${guard}`)) return;
  const stays = `${said} There is no version to step back to, so it stays in force.`;
  await happened(parts, 'policy_guard_broken', stays, detail);
}

function isNews(state: State, words: string): boolean {
  if (state.lastSaid === words) return false;
  state.lastSaid = words;
  return true;
}

/** The store failed: requests go on under the policy there is. */
function complain({ tell }: RolloutParts, state: State, error: unknown): void {
  const words = error instanceof Error ? error.message : String(error);
  if (isNews(state, words)) tell({ event: 'policy_store_failed', words });
}

function readOrRefuse(rulings: Rulings, source: PolicySource): void {
  try {
    rulings.read(source);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    const message = `This version cannot be used with the present configuration: ${error.message}`;
    throw new GatewayError('caller_invalid', message, { cause: error });
  }
}

function statusOf({ rulings }: RolloutParts, { problem }: State): PolicyStatus {
  const { policy, source } = rulings.current();
  return {
    ...shownPolicy(policy),
    keyModes: policy.modes?.length ?? 0,
    guards: policy.guards ?? null,
    file: source.file,
    problem,
  };
}
