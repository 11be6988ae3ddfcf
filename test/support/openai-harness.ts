/** A real upstream over real sockets, connected to a mock or to a test's own server; closed after each test. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import type { StreamEvent, Upstream } from '../../src/core/upstream.ts';
import { openaiUpstream, type OpenaiOptions } from '../../src/upstreams/openai/upstream.ts';
import { startMockUpstream, type MockOptions, type MockUpstream } from './mock-upstream.ts';

export interface OpenaiHarness {
  readonly upstreamAt: (url: string, options?: Partial<OpenaiOptions>) => Upstream;
  readonly rig: (
    mock?: MockOptions,
    options?: Partial<OpenaiOptions>,
  ) => Promise<{ readonly mock: MockUpstream; readonly upstream: Upstream }>;
  /** The base URL of a server that handles each request with `serve`. */
  readonly serverOf: (
    serve: (request: IncomingMessage, response: ServerResponse) => void,
  ) => Promise<string>;
}

/** Call it once at the top of a test file. */
export function openaiHarness(): OpenaiHarness {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).toReversed()) await one.close();
  });
  const upstreamAt: OpenaiHarness['upstreamAt'] = (url, options = {}) => {
    const made = openaiUpstream({ name: 'm', locality: 'cloud', url, model: 'tiny', ...options });
    open.push(made);
    return made;
  };
  return {
    upstreamAt,
    rig: async (mockOptions, options) => {
      const mock = await startMockUpstream(mockOptions);
      open.push(mock);
      return { mock, upstream: upstreamAt(mock.url, options) };
    },
    serverOf: async (serve) => {
      const server = createServer(serve);
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
      open.push({
        close: () =>
          new Promise((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      });
      // `address()` is a string only for pipes.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    },
  };
}

/** The bytes of all events, as text. */
export const textOf = (events: readonly StreamEvent[]): string =>
  Buffer.concat(events.map(({ bytes }) => bytes)).toString();

export async function allChunks(chunks: AsyncIterator<Uint8Array>): Promise<Buffer> {
  const seen: Uint8Array[] = [];
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    seen.push(next.value);
  }
  return Buffer.concat(seen);
}
