/** Upstreams as the administration shows them. */
import type { ShownUpstream, UpstreamAdmin } from '../core/shown-upstream.ts';
import type { Upstream } from '../core/upstream.ts';
import type { Core } from './core.ts';
import type { Wiring } from './wiring.ts';

export function upstreamAdmin({ upstreams, health }: Core, wiring: Wiring): UpstreamAdmin {
  const shown = (upstream: Upstream): ShownUpstream => {
    const { name, kind } = upstream;
    const { healthy, queueDepth, ttftMs } = health.state(name);
    const { capabilities, ...facts } = upstream.facts();
    return {
      ...facts,
      name,
      kind,
      words: wiring.wordsOf(name),
      isUp: healthy && !wiring.faults().has(name),
      capabilities: [...capabilities],
      queueDepth,
      ...(ttftMs === undefined ? {} : { ttftMs }),
    };
  };
  return {
    list: () => [...upstreams.values()].map(shown),
    check: async (name, abort) => {
      if (!upstreams.has(name)) return false;
      await wiring.probe(name, abort);
      return true;
    },
  };
}
