/** An upstream on loopback whose answers never end: it drips something that is no answer, for as long as it is let. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Drip = 'comments' | 'events' | 'bytes' | 'nothing';

export interface DripUpstream {
  /** Ends in `/v1`. */
  readonly url: string;
  /** How often it was asked for an answer. */
  readonly asked: () => number;
  /** Resolves when the next answer was stopped by its reader. */
  readonly stopped: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const EVERY_MS = 20;
const EVENT = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content: 'drip ' }, finish_reason: null }] })}\n\n`;
const DRIPS: Readonly<Record<Drip, string>> = {
  comments: ': still here\n\n',
  events: EVENT,
  bytes: ' ',
  nothing: '',
};

export async function startDripUpstream(drip: Drip): Promise<DripUpstream> {
  const waiting: (() => void)[] = [];
  let asked = 0;
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    if (incoming.method === 'GET')
      return void outgoing.end('{"object":"list","data":[{"id":"m"}]}');
    asked += 1;
    dripInto(outgoing, drip);
    outgoing.once('close', () => waiting.shift()?.());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  // `address()` is a string only for pipes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked: () => asked,
    stopped: () => new Promise((resolve) => void waiting.push(resolve)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function dripInto(outgoing: ServerResponse, drip: Drip): void {
  const isStream = drip === 'comments' || drip === 'events';
  const type = isStream ? 'text/event-stream' : 'application/json';
  if (drip !== 'nothing') outgoing.writeHead(200, { 'content-type': type }).flushHeaders();
  const timer = setInterval(() => outgoing.write(DRIPS[drip]), EVERY_MS);
  if (drip === 'nothing') clearInterval(timer);
  outgoing.once('close', () => clearInterval(timer));
}
