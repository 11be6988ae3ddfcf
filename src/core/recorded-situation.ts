/** What a decision depended on besides facts and readings, as its record keeps it. */
import type { Unaffordable } from './budget.ts';
import type { ModelSelector, Locality, ConversationPlace } from './decision.ts';
import type { Capability } from './signal.ts';

/**
 * All that a decision depended on besides the request's facts and readings, recorded so that it can be
 * replayed. The key's name and the time are in the record already (`caller`, `atMs`). Holds none of the
 * caller's text.
 */
export interface RecordedSituation {
  readonly ask: ModelSelector;
  readonly upstreams: Readonly<Record<string, RecordedUpstream>>;
  /** The key's, from the configuration. Absent = none; as below, usual values are omitted. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What the key was held to; absent = nothing. */
  readonly keyUpstreams?: readonly string[];
  readonly keyResidency?: 'local';
  /** Absent = 0. */
  readonly spentShare?: number;
  readonly leftUsd?: number;
  readonly pace?: number;
  readonly unaffordable?: readonly Unaffordable[];
  readonly shift?: number;
  readonly boundTo?: string;
  /** The target that answered the conversation last. */
  readonly thread?: ConversationPlace;
  readonly draftsLose?: true;
  readonly gridGramsPerKwh?: number;
  readonly draw?: number;
}

/** An upstream's state at the time of the decision. */
export interface RecordedUpstream {
  readonly locality: Locality;
  readonly model: string;
  /** Absent = yes. */
  readonly configured?: false;
  /** Absent = yes. */
  readonly healthy?: false;
  /** Absent = as `healthy` says. */
  readonly unhealthyModels?: readonly string[];
  /** Absent = no. */
  readonly isShut?: true;
  readonly shutModels?: readonly string[];
  readonly limitedModels?: readonly string[];
  /** Absent = 0. */
  readonly queueDepth?: number;
  readonly ttftMs?: number;
  readonly contextTokens?: number;
  readonly languages?: readonly string[];
  /**
   * What this request needed and the upstream could not do; absent = nothing. The full set of capabilities
   * is not needed: a decision depends only on those that the request needs.
   */
  readonly lacks?: readonly Capability[];
}
