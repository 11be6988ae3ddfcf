/** Reads, once and before deciding, everything a decision may depend on besides the request itself. */
import type { Call } from '../core/call.ts';
import type { Snapshot, UpstreamState } from '../core/decision.ts';
import type { Conversations } from '../core/conversations.ts';
import { placeInCanary, threadKey } from './thread-key.ts';
import type { Upstreams } from './egress.ts';

/** How an upstream has been doing, from the attempts made on it. */
interface Condition {
  readonly healthy: boolean;
  readonly queueDepth: number;
  readonly ttftMs?: number;
}

export interface SnapshotSources {
  readonly upstreams: Upstreams;
  readonly health: (upstream: string) => Condition;
  /** The upstream that holds the state behind a `previous_response_id` of this caller. */
  readonly boundTo: (responseId: string, caller: string) => string | undefined;
  readonly spentShare: (caller: string) => number;
  readonly gridGramsPerKwh?: () => number | undefined;
  readonly threads: Conversations;
}

export function createSnapshots(sources: SnapshotSources): (call: Call) => Snapshot {
  return (call) => {
    const upstreams: Record<string, UpstreamState> = {};
    for (const [name, upstream] of sources.upstreams) {
      upstreams[name] = { ...upstream.facts(), configured: true, ...sources.health(name) };
    }
    const previous = call.body['previous_response_id'];
    const boundTo =
      typeof previous === 'string' ? sources.boundTo(previous, call.caller.name) : undefined;
    const key = threadKey(call);
    const thread = key === undefined ? undefined : sources.threads.get(key);
    const grams = sources.gridGramsPerKwh?.();
    return {
      upstreams,
      key: { name: call.caller.name, labels: call.caller.labels },
      budget: { spentShare: sources.spentShare(call.caller.name) },
      ...(boundTo === undefined ? {} : { boundTo }),
      ...(grams === undefined ? {} : { gridGramsPerKwh: grams }),
      ...(thread === undefined ? {} : { thread }),
      ...(key === undefined ? {} : { threadKey: key, draw: placeInCanary(key) }),
      nowMs: call.receivedAtMs,
    };
  };
}
