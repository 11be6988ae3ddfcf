/** The seam between an exchange and its connection. */
import type { Dispatcher } from 'undici';

/** Sends requests: as much of undici's dispatcher as is used here. */
export interface Sender {
  dispatch(options: SentOptions, handler: AnswerHandler): boolean;
  /** True if this request would be written to a kept connection that its peer may have closed unnoticed. Absent: it always may. */
  mayBeStale?(request: SentOptions): boolean;
  /** Lets what is under way end. */
  close(): Promise<void>;
  /** Breaks what is under way. */
  destroy(): Promise<void>;
}

/** A connection to which a request is handed, and that may have carried others before. */
export interface Connection {
  /** A request has been written on it since it was opened. */
  isUsed: boolean;
  /** It calls `onReadEnd` of its handlers. */
  readonly tellsReadEnd?: true;
}

/** Who is told of an answer: undici's interface, and what one read of the network brought. */
export interface AnswerHandler extends Dispatcher.DispatchHandler {
  /** All of it has been given. Not told where the answer ended with it. */
  onReadEnd?(): void;
}

/** A request, and who is told of its connection before it is written. */
export type SentOptions = Dispatcher.DispatchOptions & {
  readonly assigned?: (connection: Connection) => void;
};

export type IncomingHeaders = Readonly<Record<string, string | string[] | undefined>>;
