/** A request that was there as a whole before anybody looked at it. It stands in the place of Node's. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { WholeHead } from './head.ts';

/** The members of a request that this gateway reads. */
type Read = Pick<
  IncomingMessage,
  | 'method'
  | 'url'
  | 'headers'
  | 'rawHeaders'
  | 'httpVersion'
  | 'socket'
  | 'complete'
  | 'readableEnded'
  | 'destroyed'
>;

export class WholeRequest implements Read {
  readonly method = 'POST';
  readonly httpVersion = '1.1';
  readonly complete = true;
  readonly readableEnded = true;
  readonly destroyed = false;
  url: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: string[];
  readonly socket: Socket;
  readonly body: Buffer;

  constructor({ path, headers, rawHeaders }: WholeHead, body: Buffer, socket: Socket) {
    this.url = path;
    this.headers = headers;
    this.rawHeaders = rawHeaders;
    this.socket = socket;
    this.body = body;
  }

  /** Nothing comes any more. */
  on(): this {
    return this;
  }

  once(): this {
    return this;
  }

  off(): this {
    return this;
  }

  resume(): this {
    return this;
  }
}

/** Undefined where the body is still to be read. */
export const wholeBodyOf = (incoming: IncomingMessage): Buffer | undefined =>
  incoming instanceof WholeRequest ? incoming.body : undefined;
