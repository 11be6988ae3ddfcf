/** Connections that one process accepts and another serves. */
import type { RequestListener } from 'node:http';
import { createServer, type Socket } from 'node:net';
import type { GatewayListener } from './listener.ts';
import {
  bind,
  controlOf,
  schemeOf,
  serverOf,
  shownAddress,
  TCP,
  type Listening,
  type Where,
} from './server.ts';

/** The connections that this process is given. */
export interface Intake {
  /** Gets each connection from now on. */
  open(take: (socket: Socket) => void): void;
  /** No more are taken. */
  close(): void;
  /** The callers are to connect anew: the next request of each is answered by another process. */
  readonly isLeaving: () => boolean;
  /** Resolves when none is open. */
  empty(): Promise<void>;
}

/** Serves connections that another process accepted at this address. */
export function receive(
  listener: GatewayListener,
  intake: Intake,
  { host, port, tls }: Where,
): Listening {
  const serve: RequestListener = (incoming, outgoing) => {
    // Sent as `Connection: close`.
    if (intake.isLeaving()) outgoing.shouldKeepAlive = false;
    listener(incoming, outgoing);
  };
  const server = serverOf(Object.assign(serve, { direct: listener.direct }), tls);
  // This server listens nowhere, and checks for slow requests only once it was told that it listens.
  server.emit('listening');
  intake.open((socket) => {
    // As for connections that a server accepts itself: a caller may end its side after the request.
    socket.allowHalfOpen = true;
    server.emit('connection', socket);
  });
  const shut = async (): Promise<void> => {
    intake.close();
    server.close();
    server.closeIdleConnections();
    await intake.empty();
  };
  return {
    url: `${schemeOf(tls)}://${shownAddress({ host, port })}`,
    port,
    ...controlOf(server, shut),
  };
}

/**
 * Accepts connections for other processes and reads nothing of them. `shown` is the address as URLs have it.
 * @throws Error that says what to do, when the port cannot be bound
 */
export async function accept(
  take: (socket: Socket) => void,
  { host, port }: Pick<Where, 'host' | 'port'>,
): Promise<{ readonly shown: string; readonly port: number; close(): void }> {
  const server = createServer({ ...TCP, pauseOnConnect: true, allowHalfOpen: true }, take);
  return { ...(await bind(server, host, port)), close: () => void server.close() };
}
