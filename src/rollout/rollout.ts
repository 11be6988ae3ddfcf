/**
 * The policy of a running gateway: changes of its file, activations by other processes, and guards with
 * their step back. On any failure the last valid policy stays active.
 */
import { GatewayError } from '../core/errors.ts';
import type { PolicyAdmin, PolicyStatus } from '../core/policy-store.ts';
import type { Sink } from '../core/record.ts';
import { shownPolicy } from '../engine/modes.ts';
import { applyActive, importFromFile, reloadFile, swapIn } from './apply.ts';
import { policyEdit, requireUsable } from './edit.ts';
import type { Breach } from './guards.ts';
import { digestObserver } from './model-digests.ts';
import { joined, serialRunner } from './serially.ts';
import {
  begun,
  isNew,
  nameOf,
  recordEvent,
  reportFailure,
  type RolloutParts,
  type State,
} from './state.ts';

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
