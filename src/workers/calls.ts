/** What a primary and its workers ask each other. */

import type { PeerReplies } from '../core/peers.ts';
import type { Format } from '../telemetry/exposition.ts';

/** The connections of a gateway come from two sockets where administration has one of its own. */
export type Place = 'api' | 'admin';

/** How a worker is started: its number, from 1 on, and how many there are. */
export interface Seat {
  readonly number: number;
  readonly count: number;
}

/** A worker's metrics. */
export interface Exposed {
  readonly format: Format;
  readonly text: string;
}

/** A question or news, by a name that both sides know. */
export interface PeerCall {
  readonly what: string;
  readonly body: unknown;
}

/** What the primary asks of a worker; connections come beside these, as handles. */
export interface WorkerCalls {
  /** Its metrics alone, in this format. */
  scrape(format: Format): Promise<string>;
  /** Another is in its place: it serves the connections that it has, and ends when they are closed. */
  retire(body: null): void;
  /** Finishes the requests under way and ends. */
  drain(body: null): void;
  /** Cuts off what is under way, records it and ends. */
  cut(body: null): void;
  /** Answers at once, where its event loop runs. */
  alive(body: null): void;
  /** What another worker asks. */
  peer(call: PeerCall): unknown;
  /** What others tell. */
  news(calls: readonly PeerCall[]): void;
}

/** What a worker asks of the primary. */
export interface PrimaryCalls {
  /** It serves from now on. */
  ready(about: unknown): void;
  /** A line for people. */
  say(line: string): void;
  /** It took the connection that it was given, or has no use for any more. */
  took(isTaken: boolean): void;
  /** Reports how many connections were closed. */
  gone(count: number): void;
  /** It takes no more connections. */
  full(body: null): void;
  /** All workers' metrics as one, of which it knows its own. */
  gather(own: Exposed): Promise<string>;
  /** The last that it counted, by format. */
  final(own: readonly Exposed[]): void;
  /** Asks the primary itself, for state that one process must have. */
  own(call: PeerCall): unknown;
  /** Tells all other workers. */
  tellPeers(call: PeerCall): void;
  /** Asks all other workers: the answers that came within `ms`. */
  askPeers(call: PeerCall & { readonly ms: number }): Promise<PeerReplies>;
}

/** Beside a connection's handle. */
export interface ConnectionMessage {
  readonly connection: Place;
}
