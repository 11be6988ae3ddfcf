/** By what a conversation and its turns are known again. */

/** Digests, scoped by caller, so that nobody steers another's conversation: they are kept, and what they are made of is not. */
export interface ThreadKeys {
  /** The same for every turn: the caller's own name for the conversation, else how it began. */
  readonly conversation: string;
  /** This turn: the next one finds here which model answered it. */
  readonly turn: string;
  /** The turn that this one continues; undefined for a conversation's first. */
  readonly previousTurn?: string;
  /** The caller named the conversation (`x-session-id`). */
  readonly isNamed: boolean;
}
