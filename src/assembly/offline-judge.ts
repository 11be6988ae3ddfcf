/** Decides without a gateway around it: for commands. */
import { performance } from 'node:perf_hooks';
import type { Config } from '../config/config.ts';
import type { Call, Caller } from '../core/call.ts';
import { callerWith, type StoredKey } from '../core/keys.ts';
import type { Routing } from '../engine/routing.ts';
import type { PolicySource } from '../policy/shipped.ts';
import { sourceOf } from '../rollout/own-policies.ts';
import { openKeyStore, openPolicyStore, requestState, unreadable } from '../stores/open.ts';
import { upstreamKinds } from '../upstreams/index.ts';
import { assemble } from './core.ts';
import { openPatientDeep } from './deep-judge.ts';
import { openGrid } from './energy.ts';
import { describeUpstreams, type FindOptions } from './upstreams.ts';

/** With whose key a request is judged, and the text of the policy that this key has of its own. */
export interface Asker {
  readonly caller: Caller;
  readonly source?: PolicySource;
}

/** @throws Error when there is no such key; PolicyError when its policy cannot be found */
export async function askerNamed(name: string, config: Config): Promise<Asker> {
  const fixed = config.auth.mode === 'keys' ? config.auth.keys : [];
  const written = fixed.find((key) => key.name === name);
  const key = written ?? (await storedKey(name, config));
  if (key === undefined)
    throw new Error(`There is no key '${name}'. \`smallfirst keys list\` shows those that are.`);
  const caller = callerWith(name, key);
  if (key.policy === undefined) return { caller };
  const versions = openPolicyStore(config.store);
  try {
    return {
      caller,
      source: await sourceOf({ reference: key.policy, isStored: written === undefined }, versions),
    };
  } finally {
    await versions.close();
  }
}

async function storedKey(name: string, { store }: Config): Promise<StoredKey | undefined> {
  if (unreadable(store) !== undefined) return undefined;
  const keys = openKeyStore(store);
  try {
    return (await keys.list()).find((key) => key.name === name);
  } finally {
    await keys.close();
  }
}

interface Judging {
  readonly env: FindOptions['env'];
  readonly kinds?: FindOptions['kinds'];
  readonly asker?: Asker | undefined;
}

/** Only routes, without listening or asking any upstream. @throws PolicyError */
export async function startJudge(
  config: Config,
  { env, kinds = upstreamKinds, asker }: Judging,
): Promise<(call: Call) => Promise<Routing>> {
  const grid = await openGrid(config);
  const core = assemble(config, await describeUpstreams(config, { env, kinds }), {
    ...requestState(() => performance.now()),
    ...openPatientDeep(config),
    kinds,
    grid,
  });
  const { caller, source } = asker ?? {};
  if (caller?.policy !== undefined && source !== undefined)
    core.policies.own.set(caller.policy, await core.policies.compile(source));
  const observer = { started: () => {}, ended: () => {} };
  const gateway = core.gateway({
    publish: () => {},
    observer,
    signalTimer: () => {},
    checkSkipped: () => {},
  });
  return (call) => gateway.judge(caller === undefined ? call : { ...call, caller });
}
