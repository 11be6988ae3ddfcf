/** The limits that the configuration sets for upstreams. */
import type { UpstreamConfig } from '../core/upstream-kind.ts';
import type { Upstream } from '../core/upstream.ts';
import type { RequestState } from '../stores/open.ts';
import { limitedUpstream } from '../upstreams/limited.ts';

export interface UpstreamLimits {
  /** The upstream itself where it has none. */
  on(upstream: Upstream): Upstream;
  /** By `upstream:<name>`. */
  refusals(): Readonly<Record<string, number>>;
}

export function upstreamLimits(
  configured: ReadonlyMap<string, UpstreamConfig>,
  { rates: buckets, places }: Pick<RequestState, 'rates' | 'places'>,
): UpstreamLimits {
  const refused = new Map<string, number>();
  return {
    on: (upstream) => {
      const limits = configured.get(upstream.name)?.limits;
      if (limits === undefined) return upstream;
      const scope = `upstream:${upstream.name}`;
      const count = (): void => void refused.set(scope, (refused.get(scope) ?? 0) + 1);
      return limitedUpstream(upstream, { limits, buckets, places, refused: count });
    },
    refusals: () => Object.fromEntries(refused),
  };
}
