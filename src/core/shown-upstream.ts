/** `GET /admin/upstreams`: an upstream as it is shown. */
import type { UpstreamFacts } from './decision.ts';

export interface ShownUpstream extends Omit<UpstreamFacts, 'capabilities'> {
  readonly name: string;
  readonly kind: string;
  /** `up`, or since when it is not and why. */
  readonly words: string;
  readonly isUp: boolean;
  readonly capabilities: readonly string[];
  /** Requests under way. */
  readonly queueDepth: number;
  /** Recent median time to first token, in milliseconds; absent until one was seen. */
  readonly ttftMs?: number;
}

/** What the administration shows of upstreams, and asks of them. */
export interface UpstreamAdmin {
  list(): readonly ShownUpstream[];
  /** Asks it anew, as the gateway does by itself now and then. False for a name that is not configured. */
  check(name: string, abort: AbortSignal): Promise<boolean>;
}
