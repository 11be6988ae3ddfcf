/** Upstreams as the administration shows them. */
import type { CompetenceCard, TaskKind } from '../core/competence.ts';
import type { ShownCard, ShownUpstream, UpstreamAdmin } from '../core/shown-upstream.ts';
import type { Upstream } from '../core/upstream.ts';
import { upstreamChecks } from '../competence/upstream-checks.ts';
import { abstention } from '../verify/confidence.ts';
import { chatCall } from '../http/chat-call.ts';
import type { Core } from './core.ts';
import type { AttemptWatch } from './recent-attempts.ts';
import type { Wiring } from './wiring.ts';

/** A server that says nothing for so long is called silent. */
const PROBE_MS = 15_000;

export function upstreamAdmin(
  { upstreams, health, cardOf }: Core,
  wiring: Wiring,
  watch: Pick<AttemptWatch, 'of'>,
): UpstreamAdmin {
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
      recent: watch.of(name),
      ...(facts.locality === 'local'
        ? { card: shownCard(cardOf(facts.model, facts.modelDigest)) }
        : {}),
      ...(ttftMs === undefined ? {} : { ttftMs }),
    };
  };
  return {
    list: () => [...upstreams.values()].map(shown),
    check: async (name, ended) => {
      const upstream = upstreams.get(name);
      if (upstream === undefined) return undefined;
      await wiring.probe(name, AbortSignal.any([ended, AbortSignal.timeout(PROBE_MS)]));
      return await upstreamChecks({ upstream, toCall: chatCall }, ended);
    },
  };
}

function shownCard(card: CompetenceCard | undefined): ShownCard | null {
  if (card === undefined) return null;
  const { measuredAt, all, confidence } = card;
  const whole = confidence?.whole;
  // the record's own keys are kinds
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const kinds = Object.keys(whole?.kinds ?? {}) as TaskKind[];
  return {
    measuredAt,
    right: all.right,
    items: all.items,
    area: whole?.all.value ?? null,
    judges: kinds.filter((kind) => whole && abstention(whole, kind) === undefined),
  };
}
