/** A server whose answers are as large as anybody can wish: whole ones of 10 MB, and streams of 500 kB events without end. */
import { createServer, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

const WHOLE_BYTES = 10_000_000;
const EVENT_BYTES = 500_000;

export interface GreedyUpstream {
  /** Ends in `/v1`. */
  readonly url: string;
  /** Bytes of events that were taken from it. */
  readonly streamed: () => number;
  readonly close: () => void;
}

export async function startGreedyUpstream(): Promise<GreedyUpstream> {
  let streamed = 0;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      outgoing.setHeader('content-type', 'application/json');
      if (incoming.method === 'GET') return outgoing.end('{"object":"list","data":[{"id":"m"}]}');
      if (!Buffer.concat(chunks).includes('"stream":true')) return outgoing.end(WHOLE);
      outgoing.setHeader('content-type', 'text/event-stream');
      return void pour(outgoing, (bytes) => (streamed += bytes));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // `address()` is a string only for pipes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    streamed: () => streamed,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const choice = (part: object): string =>
  JSON.stringify({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, finish_reason: null, ...part }],
  });

const WHOLE = Buffer.from(
  choice({
    message: { role: 'assistant', content: 'word '.repeat(WHOLE_BYTES / 5) },
    finish_reason: 'stop',
  }),
);
const EVENT = Buffer.from(
  `data: ${choice({ delta: { content: 'word '.repeat(EVENT_BYTES / 5) } })}\n\n`,
);

async function pour(outgoing: ServerResponse, wrote: (bytes: number) => void): Promise<void> {
  // Once: what waits for it in each turn stays behind.
  const closed = once(outgoing, 'close');
  while (!outgoing.destroyed) {
    if (!outgoing.write(EVENT)) await Promise.race([once(outgoing, 'drain'), closed]);
    wrote(EVENT.length);
  }
}
