/** The other processes of the same gateway (`serve --workers`), for state that is in memory and should be one. */

export interface PeerReplies {
  readonly answers: readonly unknown[];
  /** Every process answered. */
  readonly isComplete: boolean;
}

export interface Peers {
  /** How many processes there are, this one among them. */
  readonly count: number;
  /** Answers what another process asks or tells under this name. A name has one answer. */
  answer(what: string, handler: (body: unknown) => unknown): void;
  /** Never waits, and never throws. */
  tell(what: string, body: unknown): void;
  /** The answers of the others that came within `ms` milliseconds. Never rejects. */
  ask(what: string, body: unknown, ms: number): Promise<PeerReplies>;
  /** Asks the process that all of them have in common. Rejects without an answer within `ms` milliseconds. */
  askPrimary(what: string, body: unknown, ms: number): Promise<unknown>;
  tellPrimary(what: string, body: unknown): void;
}
