/** A collector of OTLP traces on loopback that keeps what it receives, and answers as `reply` says. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly { readonly name: string; readonly timeUnixNano: string }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, string | number | boolean>>;
}

interface Body {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[];
  }[];
}

export interface Reply {
  readonly status: number;
  readonly body?: string;
}

export interface Collector {
  /** Without a path. */
  readonly url: string;
  readonly posts: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  readonly spans: () => readonly ReceivedSpan[];
  readonly resource: () => Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

/** `reply` is called for each POST; spans are kept only if it answers 200. */
export async function startCollector(
  reply: () => Reply | Promise<Reply> = () => ({ status: 200 }),
): Promise<Collector> {
  const posts: { path: string; headers: IncomingHttpHeaders }[] = [];
  const bodies: Body[] = [];
  const server: Server = createServer((request, response) => {
    void (async () => {
      const body = (await json(request)) as Body;
      const { status, body: text = '{}' } = await reply();
      posts.push({ path: request.url ?? '', headers: request.headers });
      if (status === 200) bodies.push(body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    posts,
    spans: () =>
      bodies.flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
    resource: () => plain(bodies[0]?.resourceSpans[0]?.resource.attributes ?? []),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Attributes as an object. */
export const plain = (attributes: readonly KeyValue[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
