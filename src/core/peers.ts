/** The other processes of the same gateway (`serve --workers`), for state that is in memory and should be one. */

export interface PeerReplies {
  readonly answers: readonly unknown[];
  /** Every process answered. */
  readonly isComplete: boolean;
}

/** What the primary tells the processes of one of them, by its number: it serves from now on, or it is gone. */
export const PEER_JOINED = 'peer-joined';
export const PEER_DEPARTED = 'peer-departed';

export interface Peers {
  /** Of this process: no other that runs now has it. */
  readonly number: number;
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
