import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { packPieces } from '../../lib/packed-pieces.ts';
import { replay, SharedAnswer } from './shared-answer.ts';

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

interface Caller {
  readonly socket: Socket;
  readonly outgoing: ServerResponse;
  /** Bytes that it took so far. */
  readonly taken: () => number;
}

/** A caller over a real socket. */
async function caller(takes: boolean): Promise<Caller> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // `address()` is a string only for pipes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  let taken = 0;
  if (takes) socket.on('data', (data: Buffer) => (taken += data.length));
  else socket.pause();
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
  const asked: unknown[] = await once(server, 'request');
  // The second that the event carries.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const outgoing = asked[1] as ServerResponse;
  opened.push(() => {
    socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { socket, outgoing, taken: () => taken };
}

const MIB = 1024 * 1024;
const PIECE = Buffer.alloc(256 * 1024, 'a');

/** Writes so many bytes as a stream of an upstream does: it waits where it is told to. */
async function pour(answer: SharedAnswer, bytes: number): Promise<void> {
  for (let sent = 0; sent < bytes && !answer.destroyed; sent += PIECE.length)
    if (!answer.write(PIECE)) await once(answer, 'drain');
}

test.each([
  { kept: 64 * MIB, is: 'reads on from what is kept' },
  { kept: 2 * MIB, is: 'is left behind where that is not kept' },
])('a caller that stops holds up nobody and no more than a MiB: it $is', async ({ kept }) => {
  const first = await caller(true);
  const stopped = await caller(false);
  const answer = new SharedAnswer(first.outgoing, { lingerMs: 1000, maxBytes: kept });
  answer.writeHead(200, { 'content-type': 'text/event-stream' });
  answer.join(stopped.outgoing);
  const closed = once(stopped.outgoing, 'close');
  await pour(answer, 24 * MIB);
  expect(stopped.outgoing.writableLength).toBeLessThanOrEqual(MIB + 2 * PIECE.length);
  answer.end();
  await expect.poll(first.taken).toBeGreaterThan(24 * MIB);
  if (kept < 24 * MIB) {
    await closed;
    return;
  }
  let taken = 0;
  stopped.socket.on('data', (data: Buffer) => (taken += data.length)).resume();
  await expect.poll(() => taken).toBeGreaterThan(24 * MIB);
});

test('who joins late gets what is kept as fast as it takes it', async () => {
  const first = await caller(true);
  const answer = new SharedAnswer(first.outgoing, { lingerMs: 1000, maxBytes: 64 * MIB });
  answer.writeHead(200, {});
  await pour(answer, 16 * MIB);
  const late = await caller(false);
  answer.join(late.outgoing);
  expect(late.outgoing.writableLength).toBeLessThanOrEqual(MIB + 2 * PIECE.length);
  answer.end();
  let taken = 0;
  late.socket.on('data', (data: Buffer) => (taken += data.length)).resume();
  await expect.poll(() => taken).toBeGreaterThan(16 * MIB);
});

test('the only caller is waited for', async () => {
  const only = await caller(false);
  const answer = new SharedAnswer(only.outgoing, { lingerMs: 1000, maxBytes: MIB });
  answer.writeHead(200, {});
  let count = 0;
  while (answer.write(PIECE)) count += 1;
  expect(count).toBeLessThan(64);
  expect(only.outgoing.destroyed).toBe(false);
  only.socket.resume();
  await once(answer, 'drain');
  await pour(answer, 4 * MIB);
  expect(only.outgoing.destroyed).toBe(false);
});

test('of a kept answer that is damaged nothing is sent', async () => {
  const { outgoing } = await caller(true);
  const withoutStatus = packPieces({ headers: {} }, [Buffer.from('Hello')]);
  for (const damaged of [Buffer.from('no pieces'), withoutStatus])
    expect(replay(damaged, outgoing)).toBe(false);
  expect(outgoing.headersSent).toBe(false);
});
