/** Probes the upstreams, and says which of them are there: at the start, while it runs, and whenever it is asked. */
import type { LoadState } from '../core/decision.ts';
import type { ProbeResult } from '../core/upstream.ts';
import type { AttemptObserver } from '../engine/attempt.ts';
import {
  createWiringFaults,
  type CurrentFault,
  type WiringFaults,
} from '../engine/wiring-faults.ts';
import type { Core } from './core.ts';

export interface Wiring {
  /** Watches for health and for faults. */
  readonly observer: AttemptObserver;
  /** Probes every upstream once. Never rejects. */
  probeAll(abort: AbortSignal): Promise<void>;
  /** Probes one, or waits for the probe that is under way. Never rejects. */
  probe(name: string, abort: AbortSignal): Promise<void>;
  faults(): ReturnType<WiringFaults['current']>;
  /** A line for each fault, for people. */
  lines(): readonly string[];
  /** Every upstream and how it stands, for people. */
  words(): string;
  /** One of them. */
  wordsOf(name: string): string;
}

/** `life` ends the probes that attempts ask for. */
export function watchWiring(
  { upstreams, health }: Core,
  say: (line: string) => void,
  life: AbortSignal,
): Wiring {
  const underWay = new Map<string, Promise<void>>();
  const probe = (name: string, abort: AbortSignal): Promise<void> => {
    const known = underWay.get(name);
    if (known !== undefined) return known;
    const asked = askedOnce(name, abort).finally(() => underWay.delete(name));
    underWay.set(name, asked);
    return asked;
  };
  const faults = createWiringFaults({
    epochMs: Date.now,
    say,
    recheck: (name) => void probe(name, life),
  });
  const wordsOf = (name: string): string => {
    const { loadState } = upstreams.get(name)?.facts() ?? {};
    const words = stateWords(faults.current().get(name), health.state(name));
    return loadState === undefined ? words : `${words} (${LOADED[loadState]})`;
  };
  async function askedOnce(name: string, abort: AbortSignal): Promise<void> {
    const result: ProbeResult | undefined = await upstreams.get(name)?.probe(abort);
    if (result === undefined || abort.aborted) return;
    health.probed(name, result.ok);
    faults.probed(name, result);
  }
  return {
    observer: {
      started: (target, call) => health.started(target, call),
      ended: (attempt, call, retryAfterMs) => {
        health.ended(attempt, call, retryAfterMs);
        faults.ended(attempt);
      },
    },
    probeAll: async (abort) => {
      await Promise.all([...upstreams.keys()].map((name) => probe(name, abort)));
    },
    probe,
    faults: faults.current,
    lines: () => [...faults.current()].map(([name, fault]) => `'${name}' is ${downWords(fault)}.`),
    words: () => [...upstreams.keys()].map((name) => `${name} ${wordsOf(name)}`).join(', '),
    wordsOf,
  };
}

const downWords = ({ words, sinceMs }: CurrentFault): string =>
  `down: ${words} since ${new Date(sinceMs).toISOString()}`;

const PHASES: Readonly<Record<ReturnType<Core['health']['state']>['phase'], string>> = {
  closed: 'up',
  open: 'down: its requests fail; it is tried again within a minute',
  'half-open': 'being tried again',
};

const LOADED: Readonly<Record<LoadState, string>> = {
  cold: 'its model is cold: the next request loads it',
  loading: 'its model is loading',
  warm: 'its model is warm',
  down: 'its model is down: it could not be loaded, and the next request tries again',
};

const stateWords = (
  fault: CurrentFault | undefined,
  { phase }: ReturnType<Core['health']['state']>,
): string => (fault === undefined ? PHASES[phase] : downWords(fault));
