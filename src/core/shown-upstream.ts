/** `GET /admin/upstreams`: an upstream as it is shown. */
import type { Check } from './check.ts';
import type { UpstreamFacts } from './decision.ts';
import type { AttemptCause } from './errors.ts';

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
  readonly recent: RecentAttempts;
  /** What its model was measured to do; null: not measured. Absent where nobody would. */
  readonly card?: ShownCard | null;
}

/** Of a competence card. */
export interface ShownCard {
  /** ISO 8601, UTC. */
  readonly measuredAt: string;
  readonly right: number;
  readonly items: number;
  /** How far confidence tells wrong answers from right ones: 0.5 is chance; null where it says nothing. */
  readonly area: number | null;
  /** Kinds of task in which it judges whole answers. */
  readonly judges: readonly string[];
}

/** What the newest requests showed of an upstream. */
export interface RecentAttempts {
  /** Median of output tokens a second after the first; absent until an answer was long enough. */
  readonly tokensPerSecond?: number;
  /** Newest first. */
  readonly failures: readonly RecentFailure[];
  /** How the cost and the energy of its last answer are known; absent: not known, or none yet. */
  readonly costSource?: string;
  readonly energySource?: string;
}

export interface RecentFailure {
  readonly requestId: string;
  readonly atMs: number;
  readonly model: string;
  readonly cause: AttemptCause;
  /** The upstream's own, if it sent one. */
  readonly status?: number;
}

/** What the administration shows of upstreams, and asks of them. */
export interface UpstreamAdmin {
  list(): readonly ShownUpstream[];
  /**
   * Looks at it as `doctor` does: a local one is asked short questions, one that costs money for its models alone. Undefined for
   * a name that is not configured.
   */
  check(name: string, ended: AbortSignal): Promise<readonly Check[] | undefined>;
}
