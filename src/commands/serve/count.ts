/** How many processes serve. */
import { availableParallelism } from 'node:os';
import type { Config } from '../../config/config.ts';
import { oneProcessOnly } from '../../config/workers.ts';
import { upstreamKinds } from '../../upstreams/index.ts';

const MOST = 64;

/**
 * @param asked `--workers`, before `server.workers`
 * @throws Error where there cannot be as many
 */
export function workersOf(
  config: Config,
  asked: string | undefined,
  say: (line: string) => void,
): number {
  const wanted = asked === undefined ? config.server.workers : numberOf(asked);
  const why = whyOne(config);
  if (wanted !== 'auto') {
    if (wanted > 1 && why !== undefined) throw new Error(`--workers ${wanted} must be 1: ${why}.`);
    return wanted;
  }
  const unknown = config.upstreams.kind === 'auto' ? NOT_KNOWN : undefined;
  if ((why ?? unknown) === undefined) return Math.min(MOST, availableParallelism());
  say(`One worker: ${why ?? unknown}.`);
  return 1;
}

const NOT_KNOWN =
  'no upstreams are configured, and the one that is found may be a model in this process';

const whyOne = ({ store, upstreams }: Config): string | undefined =>
  oneProcessOnly(
    { store, ...(upstreams.kind === 'configured' ? { upstreams: upstreams.list } : {}) },
    upstreamKinds,
  );

function numberOf(text: string): number | 'auto' {
  if (text === 'auto') return text;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MOST) return count;
  throw new Error(`--workers ${text}: write a number from 1 to ${MOST}, or auto.`);
}
