/** Over real sockets, against a server that is written byte by byte. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { afterEach, expect, test, vi } from 'vitest';
import { UpstreamError } from '../../core/errors.ts';
import { openConnections, type Connections } from './connections.ts';
import { exchange } from './exchange.ts';
import type { Connection } from './sender.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

interface Served {
  readonly to: Connections;
  readonly server: Server;
  readonly sockets: readonly Socket[];
  /** What came, by connection. */
  readonly texts: readonly string[];
}

/** `answer` is called with each piece that comes, and the number of the connection. */
async function serving(
  answer: (socket: Socket, text: string, connection: number) => void,
): Promise<Served> {
  const sockets: Socket[] = [];
  const texts: string[] = [];
  const server = createServer((socket) => {
    const connection = sockets.push(socket) - 1;
    texts[connection] = '';
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      texts[connection] += bytes.toString('latin1');
      answer(socket, bytes.toString('latin1'), connection);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // `address()` is a string only for pipes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { port } = server.address() as AddressInfo;
  const to = openConnections(`http://127.0.0.1:${port}`, { connectMs: 5000 });
  open.push({
    close: async () => {
      await to.destroy();
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return { to, server, sockets, texts };
}

interface Asking {
  readonly body?: string;
  readonly headers?: readonly string[];
  readonly path?: string;
  readonly onData?: (controller: Dispatcher.DispatchController, chunk: Buffer) => void;
}

/** The status and the body, and whether the connection had carried a request before. */
function ask(
  to: Connections,
  { body = '{}', headers = ['x-a', 'b'], path = '/v1/chat', onData }: Asking = {},
): Promise<{ readonly status: number; readonly text: string; readonly wasUsed: boolean }> {
  return new Promise((resolve, reject) => {
    let [status, text, wasUsed] = [0, '', false];
    const assigned = (connection: Connection): void => {
      wasUsed = connection.isUsed;
      connection.isUsed = true;
    };
    const request = { origin: to.origin, path, method: 'POST', headers: [...headers], assigned };
    to.kept.dispatch(
      { ...request, body: Buffer.from(body) },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, code) => {
          status = code;
        },
        onResponseData: (controller, chunk) => {
          text += chunk.toString('latin1');
          onData?.(controller, chunk);
        },
        onResponseEnd: () => resolve({ status, text, wasUsed }),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

const answering = (text: string, head = ''): string =>
  `HTTP/1.1 200 OK\r\n${head}content-length: ${text.length}\r\n\r\n${text}`;

test('a request is written in one piece, and its connection is kept', async () => {
  const { to, sockets, texts } = await serving((socket) => socket.write(answering('hi')));
  expect(await ask(to, { body: '{"a":1}' })).toEqual({ status: 200, text: 'hi', wasUsed: false });
  expect(await ask(to)).toMatchObject({ text: 'hi', wasUsed: true });
  expect(sockets).toHaveLength(1);
  const host = new URL(to.origin).host;
  expect(texts[0]).toContain(
    `POST /v1/chat HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\nx-a: b\r\ncontent-length: 7\r\n\r\n{"a":1}POST`,
  );
});

test.each([
  ['the server closes', 'connection: close\r\n'],
  ['it is closed at once when idle', 'keep-alive: timeout=1\r\n'],
])('a connection is not kept where %s', async (_why, head) => {
  const { to, sockets } = await serving((socket) => socket.write(answering('hi', head)));
  await ask(to);
  expect(await ask(to)).toMatchObject({ wasUsed: false });
  expect(sockets).toHaveLength(2);
});

test('what stands behind an answer is no answer to the next request', async () => {
  const { to } = await serving((socket, _text, connection) =>
    socket.write(answering('hi') + (connection === 0 ? answering('smuggled') : '')),
  );
  expect(await ask(to)).toMatchObject({ text: 'hi' });
  expect(await ask(to)).toMatchObject({ text: 'hi', wasUsed: false });
});

test('an idle connection on which something comes is not used again', async () => {
  const { to, sockets } = await serving((socket) => socket.write(answering('hi')));
  await ask(to);
  const closed = new Promise((resolve) => sockets[0]!.once('close', resolve));
  sockets[0]!.write(answering('smuggled'));
  await closed;
  expect(await ask(to)).toMatchObject({ text: 'hi', wasUsed: false });
});

/** A clock that stands until tests put it forward: connections are kept for seconds. */
function clock(): { pass(ms: number): void } {
  let nowMs = performance.now();
  const spied = vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  open.push({ close: () => spied.mockRestore() });
  return { pass: (ms) => void (nowMs += ms) };
}

const bodyless = { method: 'POST' as const, path: '/', headers: [], body: Buffer.from('{}') };

const posted = ({ origin }: Connections) => ({ origin, ...bodyless });

/** As the gateway asks: what may be billed. */
async function askOnce(to: Connections): Promise<number> {
  const abort = new AbortController().signal;
  const limits = { connectMs: 5000, firstByteMs: 5000, idleMs: 5000, abort };
  const given = await exchange(to, { upstream: 'm', ...bodyless, ...limits, isSentOnce: true });
  while ((await given.body.read()) !== undefined);
  return given.status;
}

test('a rested connection that the server has closed is seen before something is written on it', async () => {
  const { to, sockets, texts } = await serving((socket) => socket.write(answering('hi')));
  const time = clock();
  await askOnce(to);
  expect(to.kept.mayBeStale?.(posted(to))).toBe(false);
  time.pass(100);
  expect(to.kept.mayBeStale?.(posted(to))).toBe(true);
  // In the kernel of this machine before the next request is asked for, and not read yet.
  const gone = new Promise<void>((resolve) => void sockets[0]!.end(resolve));
  await gone;
  expect(await askOnce(to)).toBe(200);
  expect(texts.map((text) => text.split('POST').length - 1)).toEqual([1, 1]);
});

test('what goes another way is looked at as well before it is written, whatever rests here', async () => {
  const { to, sockets, texts } = await serving((socket) => socket.write(answering('hi')));
  const remove = async (): Promise<number> => {
    const limits = { connectMs: 5000, firstByteMs: 5000, idleMs: 5000 };
    const abort = new AbortController().signal;
    const asked = { upstream: 'm', path: '/x', method: 'DELETE', headers: [], body: null };
    const given = await exchange(to, { ...asked, ...limits, abort, isSentOnce: true });
    while ((await given.body.read()) !== undefined);
    return given.status;
  };
  for (let times = 0; times < 3; times += 1) expect(await remove()).toBe(200);
  // In the kernel of this machine before the next one is asked for, and not read yet.
  for (const socket of sockets) socket.destroy();
  expect(await remove()).toBe(200);
  expect(texts.at(-1)?.split('DELETE')).toHaveLength(2);
});

/** As a thread that does something else, or gets no processor. */
const busyFor = (ms: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test.each(['POST', 'DELETE'])(
  '%s: what came in time is no time-out, however late a busy thread reads it',
  async (method) => {
    const { origin } = (await serving((socket) => socket.write(answering('hi')))).to;
    const to = openConnections(origin, { connectMs: 100 });
    open.push({ close: () => to.destroy() });
    const abort = new AbortController().signal;
    const limits = { connectMs: 100, firstByteMs: 60_000, idleMs: 60_000, abort };
    const asked = { ...bodyless, method, body: method === 'POST' ? bodyless.body : null };
    const answer = exchange(to, { upstream: 'm', ...asked, ...limits });
    busyFor(300);
    expect((await answer).status).toBe(200);
  },
);

test('what is written while everything is shut is refused, and ends nothing else', async () => {
  const { to } = await serving((socket) => socket.write(answering('hi')));
  const time = clock();
  await askOnce(to);
  time.pass(100);
  const asked = askOnce(to);
  await to.destroy();
  await expect(asked).rejects.toBeInstanceOf(UpstreamError);
});

test('how long a server keeps connections is learned from one that it closed', async () => {
  const { to, sockets } = await serving((socket) => socket.write(answering('hi')));
  const time = clock();
  await ask(to);
  time.pass(2000);
  const closed = new Promise((resolve) => sockets[0]!.once('close', resolve));
  sockets[0]!.end();
  await closed;
  await expect.poll(() => to.kept.mayBeStale?.(posted(to))).toBe(false);
  await ask(to);
  time.pass(900);
  expect(await ask(to)).toMatchObject({ wasUsed: true });
  time.pass(1100);
  expect(await ask(to)).toMatchObject({ wasUsed: false });
  expect(sockets).toHaveLength(3);
});

test('an answer before all was written leaves no rest for the next request', async () => {
  const { to, sockets } = await serving((socket, _text, connection) => {
    if (connection > 0) return void socket.write(answering('hi'));
    if (socket.isPaused()) return;
    socket.pause();
    socket.write(answering('too much'));
  });
  const body = 'x'.repeat(16 * 1024 * 1024);
  expect(await ask(to, { body })).toMatchObject({ text: 'too much' });
  expect(await ask(to)).toMatchObject({ text: 'hi', wasUsed: false });
  expect(sockets).toHaveLength(2);
});

test('a paused answer waits, whole or with its end already read', async () => {
  const chunk = 'y'.repeat(300_000);
  const { to } = await serving((socket) => socket.write(answering(chunk)));
  let held: Dispatcher.DispatchController | undefined;
  let pauses = 0;
  const onData = (controller: Dispatcher.DispatchController): void => {
    held = controller;
    pauses += 1;
    controller.pause();
    setImmediate(() => held?.resume());
  };
  expect((await ask(to, { onData })).text).toHaveLength(chunk.length);
  expect(pauses).toBeGreaterThan(1);
  expect(await ask(to)).toMatchObject({ wasUsed: true });
});

test('a configured host goes to a server of several names', async () => {
  const { to, texts } = await serving((socket) => socket.write(answering('hi')));
  await ask(to, { headers: ['host', 'model.example'] });
  expect(texts[0]).toMatch(/^host: model\.example\r$/m);
  expect(texts[0]).not.toContain('127.0.0.1');
});

test.each([
  ['a line break in a header', { headers: ['x-a', 'b\r\nx-evil: 1'] }],
  ['a line break in the path', { path: '/v1/chat\r\nx-evil: 1' }],
  ['a name that is none', { headers: ['x a', 'b'] }],
])('%s is not sent', async (_what, asking) => {
  const { to, sockets } = await serving((socket) => socket.write(answering('hi')));
  const settled = await Promise.allSettled([Promise.resolve().then(() => ask(to, asking))]);
  expect(settled[0]?.status).toBe('rejected');
  expect(sockets).toHaveLength(0);
});

test('a body that is cut is a failure, one without a length ends with the connection', async () => {
  const cut = await serving((socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab'),
  );
  await expect(ask(cut.to)).rejects.toThrow('other side closed');
  const whole = await serving((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nab'));
  expect(await ask(whole.to)).toMatchObject({ text: 'ab' });
});

test('destroying breaks what is under way', async () => {
  let begun = (): void => {};
  const asked = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const { to } = await serving(() => begun());
  const failed = ask(to).catch((error: unknown) => error);
  await asked;
  await to.destroy();
  expect(await failed).toBeInstanceOf(Error);
});
