/**
 * Configuration faults that no request can mend: a server that cannot be reached, or that refuses our key. They are reported when they
 * begin and when they end, and so is a model that the server does not list. A server that answers badly is no such fault: that is for `health.ts`.
 */
import type { Attempt } from '../core/record.ts';
import type { ProbeResult, WiringFault } from '../core/upstream.ts';

export interface CurrentFault extends WiringFault {
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
}

export interface WiringFaults {
  probed(upstream: string, result: ProbeResult): void;
  ended(attempt: Pick<Attempt, 'upstream' | 'outcome' | 'cause' | 'status'>): void;
  /** By upstream. */
  current(): ReadonlyMap<string, CurrentFault>;
}

export interface WiringTools {
  readonly epochMs: () => number;
  /** Gets a line for people when a fault begins and when it ends. */
  readonly say: (line: string) => void;
  /** Asks for a probe: an attempt met no server, and does not know why. */
  readonly recheck: (upstream: string) => void;
}

interface Known extends CurrentFault {
  readonly from: 'probe' | 'attempt';
}

export function createWiringFaults({ epochMs, say, recheck }: WiringTools): WiringFaults {
  const faults = new Map<string, Known>();
  /** Upstreams that took the key of an attempt: a list of models that refuses it says less. */
  const taken = new Set<string>();

  /** Models that were said to be missing in their server's list. */
  const unlistedAt = new Map<string, string | undefined>();
  const noteList = (upstream: string, { ok, unlisted }: ProbeResult): void => {
    if (!ok || unlistedAt.get(upstream) === unlisted) return;
    unlistedAt.set(upstream, unlisted);
    if (unlisted !== undefined)
      say(`'${upstream}' does not list a model '${unlisted}'. ${UNLISTED}`);
  };

  const begin = (upstream: string, fault: WiringFault, from: Known['from']): void => {
    const known = faults.get(upstream);
    if (known?.cause === fault.cause) return;
    faults.set(upstream, { ...fault, from, sinceMs: epochMs() });
    say(`'${upstream}' is down: ${fault.words}. ${ADVICE[fault.cause]}`);
  };
  const end = (upstream: string): void => {
    if (faults.delete(upstream)) say(`'${upstream}' is up again.`);
  };

  return {
    probed: (upstream, result) => {
      const { ok, fault } = result;
      noteList(upstream, result);
      const known = faults.get(upstream);
      if (fault !== undefined) {
        if (fault.cause !== 'auth' || !taken.has(upstream)) begin(upstream, fault, 'probe');
        return;
      }
      // Lists of models are often open to everybody: one that answers does not mend a refused key.
      const isMended = known?.cause === 'unreachable' || (ok && known?.from === 'probe');
      if (isMended) end(upstream);
    },
    ended: ({ upstream, outcome, cause, status }) => {
      if (cause === 'unreachable') {
        if (faults.get(upstream)?.cause !== 'unreachable') recheck(upstream);
        return;
      }
      if (cause === 'auth' && status === 401) {
        taken.delete(upstream);
        begin(upstream, { cause: 'auth', words: REFUSED_KEY }, 'attempt');
        return;
      }
      if (outcome !== 'ok') return;
      taken.add(upstream);
      end(upstream);
    },
    current: () => faults,
  };
}

/** Never the server's words, which may quote the key. */
const REFUSED_KEY = "it refuses the gateway's key (401)";

const UNLISTED =
  'If it refuses that name, its requests are answered by the other tier, or not at all. Is `model` right?';

const ADVICE: Readonly<Record<WiringFault['cause'], string>> = {
  auth: 'Set `apiKey` of this upstream to a key that it knows; without a configuration file that is OPENAI_API_KEY.',
  unreachable: 'Is it running, and is its `url` right?',
};
