/** The connections to one server: kept alive between requests, direct or through a proxy. */
import { Client, Pool, ProxyAgent, type Dispatcher } from 'undici';
import { guardedLookup, isLinkLocal, refusedAddress } from './link-local.ts';
import { PlainConnections, type PlainOptions } from './plain-connections.ts';
import type { Connection, SentOptions, Sender } from './sender.ts';

export interface Connections {
  /** Scheme, host and port of the server. */
  readonly origin: string;
  /** Sends over a kept connection where one is idle. */
  readonly kept: Sender;
  /** For a request that must not meet a kept connection. Whoever asks for it closes it. */
  fresh(): Sender;
  /** Host and port of the proxy between, for messages. */
  readonly proxyHost?: string;
  /** Breaks what is under way. */
  destroy(): Promise<void>;
}

export interface ConnectionOptions {
  /** Name look-up, TCP and TLS, through a proxy its own connection too. Milliseconds. */
  readonly connectMs: number;
  readonly proxy?: { readonly url: string; readonly host: string } | undefined;
  readonly tls?: UpstreamTls | undefined;
  /** Addresses at which clouds hand out credentials may be connected to. */
  readonly allowLinkLocal?: boolean | undefined;
}

/** What TLS to one server needs beside the usual; texts in PEM. */
export interface UpstreamTls {
  /** Trusted in place of the system's. */
  readonly ca?: string;
  /** Shown to the server, which asks for it. */
  readonly cert?: string;
  readonly key?: string;
  /** Expected in the server's certificate, in place of the host. */
  readonly serverName?: string;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
}

/**
 * How long a connection may be silent before the kernel asks whether the peer is still there, in milliseconds.
 * Node asks ten times, a second apart, so that a peer that vanished in mid-answer is noticed within 40 s.
 */
const TCP_KEEP_ALIVE_MS = 30_000;

export function openConnections(
  origin: string,
  { connectMs, proxy, tls, allowLinkLocal = false }: ConnectionOptions,
): Connections {
  const open = (): Sender => {
    const options = {
      pipelining: 1,
      connectTimeout: connectMs,
      connect: {
        timeout: connectMs,
        keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
        ...(tls === undefined ? {} : tlsOptions(tls)),
        ...(allowLinkLocal ? {} : { lookup: guardedLookup }),
      },
      // One request a connection: closing it is how a server learns that nobody listens any more.
      allowH2: false,
    };
    if (!allowLinkLocal && isLinkLocal(new URL(origin).hostname))
      return refusing(new URL(origin).hostname);
    const lookup = allowLinkLocal ? undefined : guardedLookup;
    if (proxy === undefined)
      return direct(origin, openPool(origin, options), { connectMs, lookup });
    const { connect, ...others } = options;
    return new ProxyAgent({
      ...others,
      uri: proxy.url,
      proxyTls: connect,
      requestTls: connect,
      factory: openPool,
    });
  };
  const kept = open();
  return {
    origin,
    kept,
    fresh: open,
    ...(proxy === undefined ? {} : { proxyHost: proxy.host }),
    destroy: () => kept.destroy(),
  };
}

const tlsOptions = ({ serverName, ...others }: UpstreamTls) => ({
  ...others,
  ...(serverName === undefined ? {} : { servername: serverName }),
});

/** To an address that is connected to by no look-up. */
const refusing = (host: string): Sender => ({
  dispatch: () => {
    throw refusedAddress(host);
  },
  close: () => Promise.resolve(),
  destroy: () => Promise.resolve(),
});

/** Requests with a body to a plain HTTP server, as local models are, use `plain-connections.ts`. */
function direct(
  origin: string,
  pool: Pool,
  { connectMs, lookup }: Pick<PlainOptions, 'connectMs' | 'lookup'>,
): Sender {
  const url = new URL(origin);
  if (url.protocol !== 'http:') return pool;
  return new PlainConnections(
    url,
    { connectMs, lookup, keepAliveProbeMs: TCP_KEEP_ALIVE_MS },
    pool,
  );
}

const openPool = (origin: string | URL, options: Pool.Options): Pool =>
  new Pool(origin, {
    ...options,
    factory: (to: URL, below: object) => new ReusedClient(to, below),
  });

/** One connection of a pool, which says to each request whether it carried another before. */
class ReusedClient extends Client implements Connection {
  isUsed = false;

  constructor(origin: URL, options: Client.Options) {
    super(origin, options);
    this.on('connect', () => {
      this.isUsed = false;
    });
  }

  override dispatch(options: SentOptions, handler: Dispatcher.DispatchHandler): boolean {
    options.assigned?.(this);
    return super.dispatch(options, handler);
  }
}
