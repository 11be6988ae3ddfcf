/** What is charged, and by which prices. */
import type { Config } from '../config/config.ts';
import type { UpstreamConfig } from '../core/upstream-kind.ts';

/** The configured upstreams by name. */
export function accountsOf({ upstreams }: Config): ReadonlyMap<string, UpstreamConfig> {
  const list =
    upstreams.kind === 'configured' ? upstreams.list : upstreams.cloud ? [upstreams.cloud] : [];
  return new Map(list.map((upstream) => [upstream.name, upstream]));
}

/** Whether anything is charged by the price list: what has no price of its own, and runs elsewhere. */
export const isChargedByList = (config: Config): boolean =>
  [...accountsOf(config).values()].some(
    ({ locality, price }) => locality === 'cloud' && price === undefined,
  );
