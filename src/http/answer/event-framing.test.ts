import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { StreamEvent } from '../../core/upstream.ts';
import { Flow } from '../../lib/flow.ts';
import { eventWriter } from './stream.ts';

const OPTIONS = { keepAliveMs: 1_000_000, early: () => ({}), abort: new AbortController().signal };
const said = (text: string): StreamEvent => ({ bytes: Buffer.from(text) });
const HUGE = 'x'.repeat(70_000);

/** What the events look like on the wire, behind the head. */
async function wireOf(version: '1.0' | '1.1', write: (flow: Flow<StreamEvent>) => void) {
  const server = createServer((_, outgoing: ServerResponse) => {
    const flow = new Flow<StreamEvent>();
    void eventWriter(outgoing, 'chat', OPTIONS).pump(flow, {});
    write(flow);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let wire = '';
  socket.on('data', (bytes: Buffer) => (wire += bytes.toString('latin1')));
  // Both at once: the answers come one behind the other, and the second waits for the first.
  const ask = `GET / HTTP/${version}\r\nhost: x\r\n`;
  socket.write(`${ask}\r\n${version === '1.0' ? '' : `${ask}connection: close\r\n\r\n`}`);
  await once(socket, 'close');
  server.close();
  return wire.split(/HTTP\/1\.1 200[^]*?\r\n\r\n/).slice(1);
}

const some = (flow: Flow<StreamEvent>): void => {
  flow.receive(said('a'));
  flow.receive({ ...said('ü'), latin1: Buffer.from('ü').toString('latin1') });
  flow.batchEnd();
  flow.push(said(HUGE));
  flow.receive(said('z'));
  flow.ended();
};

test('what came at once is one chunk, each of its bytes as it was', async () => {
  const body = `3\r\na\xc3\xbc\r\n${HUGE.length.toString(16)}\r\n${HUGE}\r\n1\r\nz\r\n0\r\n\r\n`;
  expect(await wireOf('1.1', some)).toEqual([body, body]);
});

test('who speaks HTTP/1.0 gets no chunks', async () => {
  expect(await wireOf('1.0', some)).toEqual([`a\xc3\xbc${HUGE}z`]);
});
