/** Decides without a gateway around it: for commands. */
import { performance } from 'node:perf_hooks';
import type { Config } from '../config/config.ts';
import type { Call } from '../core/call.ts';
import type { Routing } from '../engine/routing.ts';
import { requestState } from '../stores/open.ts';
import { upstreamKinds } from '../upstreams/index.ts';
import { assemble } from './core.ts';
import { openPatientDeep } from './deep-judge.ts';
import { openGrid } from './energy.ts';
import { describeUpstreams, type FindOptions } from './upstreams.ts';

/** Only routes, without listening or asking any upstream. */
export async function startJudge(
  config: Config,
  env: FindOptions['env'],
  kinds: FindOptions['kinds'] = upstreamKinds,
): Promise<(call: Call) => Promise<Routing>> {
  const grid = await openGrid(config);
  const core = assemble(config, await describeUpstreams(config, { env, kinds }), {
    ...requestState(() => performance.now()),
    ...openPatientDeep(config),
    kinds,
    grid,
  });
  const observer = { started: () => {}, ended: () => {} };
  const gateway = core.gateway({
    publish: () => {},
    observer,
    signalTimer: () => {},
    checkSkipped: () => {},
  });
  return (call) => gateway.judge(call);
}
