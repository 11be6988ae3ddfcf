import type { ModelSelector, Locality, ConversationPlace } from './decision.ts';
import type { Capability } from './signal.ts';

/**
 * What a decision depended on besides the request's facts and readings, kept so that it can be made
 * again: all of it, and no more. The key's name and the time are in the record already (`caller`,
 * `atMs`). None of it is the caller's text.
 */
export interface RecordedSituation {
  readonly ask: ModelSelector;
  readonly upstreams: Readonly<Record<string, RecordedUpstream>>;
  /** The key's own, from the configuration. Absent = none; as below, what is usual is not written down. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Absent = 0. */
  readonly spentShare?: number;
  readonly boundTo?: string;
  /** Where the conversation was answered before. */
  readonly thread?: ConversationPlace;
  readonly gridGramsPerKwh?: number;
  readonly draw?: number;
}

/** An upstream as it stood then. */
export interface RecordedUpstream {
  readonly locality: Locality;
  readonly model: string;
  /** Absent = yes. */
  readonly configured?: false;
  /** Absent = yes. */
  readonly healthy?: false;
  /** Absent = 0. */
  readonly queueDepth?: number;
  readonly ttftMs?: number;
  readonly contextTokens?: number;
  /**
   * What this request needed and the upstream could not do; absent = nothing. Enough in place of the
   * whole set of capabilities, since a decision asks for nothing that the request does not need.
   */
  readonly lacks?: readonly Capability[];
}
