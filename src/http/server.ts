/** The listening socket: its limits and its graceful shutdown. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Server as SocketServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { GatewayListener } from './listener.ts';
import { answerUnreadable } from './unreadable.ts';
import { answerWhole } from './whole/connections.ts';

/** Slow headers are an attack; a slow body may be a slow connection. Answers have no limit here: models are slow. */
const HEADERS_TIMEOUT_MS = 10_000;
/** Of a whole request; what is slower is ended before, see `body/slow-uploads.ts`. */
const REQUEST_TIMEOUT_MS = 600_000;
const LOOK_EVERY_MS = 1000;
/** Longer than the 60 s of common load balancers, so that they close first. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
/** A caller may wait ten minutes for a whole answer: the kernel keeps the way open, and notices one that vanished. */
const TCP_KEEP_ALIVE_MS = 30_000;

export interface Listening {
  readonly url: string;
  readonly port: number;
  /**
   * Lets requests in flight finish. Resolves when every connection is closed, at the latest when the grace is over: then
   * the remaining ones are cut.
   */
  close(drain: Drain): Promise<void>;
  /** Closes every connection at once. */
  cut(): void;
  /** New connections are made with these; those that are open stay. */
  useTls(tls: ServerTls): void;
}

/** PEM. `ca`: callers must show a certificate that it has signed. */
export interface ServerTls {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

/** How a server stops. Milliseconds from the beginning. */
interface Drain {
  readonly graceMs: number;
  /** Connections are accepted for so long, unless nothing is under way any more. */
  readonly acceptMs: number;
  /** Resolves when no request is under way. */
  readonly idle: Promise<void>;
  /** Called some time before the grace is over, to end what is still under way in good form. */
  readonly endAll: () => void;
}

/** Where a server listens. Without `tls` it speaks plain HTTP. */
export interface Where {
  readonly host: string;
  readonly port: number;
  readonly tls?: ServerTls | undefined;
}

/** How long before the end of the grace requests are ended, or half of it where it is that short. */
const LAST_WORDS_MS = 2000;

const LIMITS = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: LOOK_EVERY_MS,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  // Refused by `entry-checks.ts`: Node's own answer has no body.
  requireHostHeader: false,
};

/** Of each connection that is accepted. */
export const TCP = { noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS };

/**
 * @param connected told of each connection that is accepted
 * @throws Error that says what to do, when the port cannot be bound
 */
export async function listen(
  listener: RequestListener | GatewayListener,
  { host, port, tls }: Where,
  connected: () => void = () => {},
): Promise<Listening> {
  const server = serverOf(listener, tls).on('connection', connected);
  const address = await bind(server, host, port);
  const shut = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    });
  };
  return {
    url: `${schemeOf(tls)}://${address.shown}`,
    port: address.port,
    ...controlOf(server, shut),
  };
}

/** Serves what it listens for, or what it is given. */
export function serverOf(
  listener: RequestListener | GatewayListener,
  tls: ServerTls | undefined,
): Server | TlsServer {
  const limits = { ...LIMITS, ...TCP };
  if (tls !== undefined) {
    const secure = { ...limits, ...tls, requestCert: tls.ca !== undefined };
    return answerUnreadable(createTlsServer(secure, listener));
  }
  const server = createServer(limits, listener);
  if ('direct' in listener) answerWhole(server, listener.direct);
  return answerUnreadable(server);
}

export const schemeOf = (tls: object | undefined): 'http' | 'https' =>
  tls === undefined ? 'http' : 'https';

/** @param shut takes no more connections; resolves when none is open */
export const controlOf = (
  server: Server | TlsServer,
  shut: () => Promise<void>,
): Pick<Listening, 'close' | 'cut' | 'useTls'> => ({
  useTls: (changed) => {
    if ('setSecureContext' in server) server.setSecureContext(changed);
  },
  close: (how) => drain(server, shut, how),
  cut: () => server.closeAllConnections(),
});

/**
 * @returns the port, and the address as URLs have it
 * @throws Error that says what to do, when the port cannot be bound
 */
export async function bind(
  server: SocketServer,
  host: string,
  port: number,
): Promise<{ readonly shown: string; readonly port: number }> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explained(error, host, port)));
    server.listen({ port, host, backlog: BACKLOG }, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return { shown: shownAddress({ host, port: bound }), port: bound };
}

export function shownAddress({ host, port }: Pick<Where, 'host' | 'port'>): string {
  const shown = host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host;
  return `${shown}:${port}`;
}

/** Connections that the kernel holds until they are accepted; one beyond them is tried again by its caller after a second. */
const BACKLOG = 4096;

/** @throws Error in words about the port, when `listen` could not have it now */
export async function requireFreePort(host: string, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explained(error, host, port)));
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

function explained(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const where = `${host}:${port}`;
  const help: Readonly<Record<string, string>> = {
    EADDRINUSE: `Port ${port} is in use on ${host}. Stop what listens there, or choose another: --port ${port + 1}, SMALLFIRST_PORT=${port + 1}, or server.port in the configuration.`,
    EACCES: `Not allowed to listen on ${where}. Ports below 1024 need rights; choose another with --port or SMALLFIRST_PORT.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine. Set server.host to one that is, such as 127.0.0.1.`,
  };
  return new Error(help[error.code ?? ''] ?? `Cannot listen on ${where}: ${error.message}`, {
    cause: error,
  });
}

async function drain(
  server: Server | TlsServer,
  shut: () => Promise<void>,
  { graceMs, acceptMs, idle, endAll }: Drain,
): Promise<void> {
  const ending = setTimeout(endAll, Math.max(graceMs - LAST_WORDS_MS, graceMs / 2));
  const force = setTimeout(() => server.closeAllConnections(), graceMs);
  const accepting = new AbortController();
  const accepted = wait(Math.min(acceptMs, graceMs), undefined, accepting);
  await Promise.race([idle, accepted.catch(() => undefined)]);
  accepting.abort();
  await shut();
  clearTimeout(ending);
  clearTimeout(force);
}
