import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { connect, Socket, type AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import type { Operation } from '../../core/call.ts';
import { UpstreamError } from '../../core/errors.ts';
import type { StreamEvent } from '../../core/upstream.ts';
import { Flow } from '../../lib/flow.ts';
import { eventWriter, pumpBytes } from './stream.ts';

afterEach(() => {
  vi.useRealTimers();
});

/** What the caller gets while the upstream is silent. */
function writtenInSilence(operation: Operation): string {
  vi.useFakeTimers();
  const outgoing = new ServerResponse(new IncomingMessage(new Socket()));
  let written = '';
  vi.spyOn(outgoing, 'write').mockImplementation((chunk: unknown) => {
    written += String(chunk);
    return true;
  });
  // Without a socket the headers stay in its buffer.
  vi.spyOn(outgoing, 'writableLength', 'get').mockReturnValue(0);
  eventWriter(outgoing, operation, {
    keepAliveMs: 1000,
    early: () => ({}),
    abort: new AbortController().signal,
  });
  // And two turns of the loop.
  vi.advanceTimersByTime(1002);
  outgoing.emit('close');
  return written;
}

test.each([
  ['chat', ': keep-alive\n\n'],
  ['messages', 'event: ping\ndata: {"type":"ping"}\n\n'],
] as const)('silence is bridged in the words of %s', (operation, words) => {
  expect(writtenInSilence(operation)).toBe(words);
});

test('nothing is written to a caller who had hung up before the writer was made', () => {
  vi.useFakeTimers();
  const outgoing = new ServerResponse(new IncomingMessage(new Socket()));
  outgoing.destroy();
  const write = vi.spyOn(outgoing, 'write').mockReturnValue(true);
  vi.spyOn(outgoing, 'writableLength', 'get').mockReturnValue(0);
  eventWriter(outgoing, 'chat', {
    keepAliveMs: 1000,
    early: () => ({}),
    abort: new AbortController().signal,
  });
  vi.advanceTimersByTime(5002);
  expect(write).not.toHaveBeenCalled();
  expect(outgoing.headersSent).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

/** A caller that takes as much as the test wants, and a stream that the test pushes to it. */
function pumped(operation: Operation = 'chat') {
  const outgoing = new ServerResponse(new IncomingMessage(new Socket()));
  const written: string[] = [];
  const write = vi.spyOn(outgoing, 'write').mockImplementation((chunk: unknown) => {
    written.push(String(chunk));
    return true;
  });
  vi.spyOn(outgoing, 'end').mockImplementation((chunk: unknown) => {
    written.push(`${typeof chunk === 'string' || Buffer.isBuffer(chunk) ? String(chunk) : ''}.`);
    return outgoing;
  });
  const done: string[] = [];
  const flow = new Flow<StreamEvent>({
    hold: () => void done.push('hold'),
    release: () => void done.push('release'),
    cancel: () => void done.push('cancel'),
  });
  const writer = eventWriter(outgoing, operation, {
    keepAliveMs: 1_000_000,
    early: () => ({}),
    abort: new AbortController().signal,
  });
  return { outgoing, write, written, done, flow, over: writer.pump(flow, {}) };
}

const said = (text: string): StreamEvent => ({ bytes: Buffer.from(text) });

test('what came at once is one write, and what is for the record alone none', async () => {
  const { flow, written, over } = pumped();
  for (const text of ['a', 'b', '']) flow.receive(said(text));
  flow.batchEnd();
  flow.push(said(''));
  flow.push(said('c'));
  flow.receive(said('d'));
  flow.ended();
  await over;
  expect(written).toEqual(['ab', 'c', 'd', '.']);
});

test('much that came at once is written in parts, and no more than its caller takes', () => {
  const { flow, written, write, done, outgoing } = pumped();
  const large = 'x'.repeat(40_000);
  write.mockImplementation((chunk: unknown) => {
    written.push(String(chunk));
    return false;
  });
  for (let at = 0; at < 5; at += 1) flow.receive(said(large));
  flow.batchEnd();
  expect(written.map(({ length }) => length)).toEqual([80_000]);
  expect(done).toEqual(['release', 'hold']);
  outgoing.emit('drain');
  expect(written.map(({ length }) => length)).toEqual([80_000, 80_000]);
  write.mockReturnValue(true);
  outgoing.emit('drain');
  expect(done.at(-1)).toBe('release');
});

test('a caller that leaves while it is waited for stops the upstream', async () => {
  const { flow, write, done, outgoing, over } = pumped();
  write.mockReturnValue(false);
  flow.push(said('a'));
  outgoing.destroyed = true;
  outgoing.emit('close');
  await over;
  expect(done).toEqual(['release', 'hold', 'cancel']);
  expect(outgoing.listenerCount('drain')).toBe(0);
});

test('a break becomes an error event behind what came before it', async () => {
  const { flow, written, over } = pumped('responses');
  flow.receive({ bytes: Buffer.from('a'), data: { sequence_number: 6 } });
  flow.ended(new UpstreamError('interrupted', 'gone'));
  await over;
  expect(written[0]).toBe('a');
  expect(written[1]).toMatch(/^event: error\ndata: .*"sequence_number":7/);
});

test('of bytes that are passed on no more is taken than a reader that stops has room for, and nothing once it is gone', async () => {
  const piece = Buffer.alloc(64 * 1024);
  let taken = 0;
  let isLeft = false;
  const endless = {
    next: async () => ({ done: false, value: ((taken += piece.length), piece) }) as const,
    return: async () => {
      isLeft = true;
      return { done: true, value: undefined } as const;
    },
  };
  let outgoing: ServerResponse | undefined;
  const server = createServer((_, given) => {
    outgoing = given;
    void pumpBytes(given, endless);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  reader.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  // The kernel's buffers are full.
  await expect.poll(() => outgoing?.writableNeedDrain).toBe(true);
  expect(taken).toBeLessThan(256 * 1024 * 1024);
  expect(outgoing?.writableLength).toBeLessThan(2 * 1024 * 1024);
  reader.destroy();
  await expect.poll(() => isLeft).toBe(true);
  server.close();
});

test('a reader that stops holds the stream of events, and once it goes on gets all of it', async () => {
  const large = 'x'.repeat(40_000);
  let sent = 0;
  const held = Promise.withResolvers<void>();
  let isHeld = false;
  const flow = new Flow<StreamEvent>({
    hold: () => {
      isHeld = true;
      held.resolve();
    },
  });
  const server = createServer((_incoming, outgoing) => {
    const { pump } = eventWriter(outgoing, 'chat', {
      keepAliveMs: 1_000_000,
      early: () => ({}),
      abort: new AbortController().signal,
    });
    void pump(flow, {});
    const more = (): void => {
      flow.push(said(large));
      sent += large.length;
      if (isHeld) flow.ended();
      else setImmediate(more);
    };
    more();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  const socket = connect(port, '127.0.0.1').pause();
  socket.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
  await held.promise;
  let got = 0;
  socket.on('data', (bytes) => {
    got += bytes.toString('latin1').replaceAll(/[^x]/g, '').length;
  });
  socket.resume();
  await once(socket, 'end');
  // And that of the head's names and values.
  expect(got).toBe(sent + 2);
  server.close();
});
