/** Proxies, closed connections, queries and headers, over real sockets. */
import { createServer, type IncomingMessage } from 'node:http';
import { Socket, type AddressInfo, type Server } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { failure, hi, patient, send, whole } from '../../../test/support/ask-upstream.ts';
import { call } from '../../../test/support/call.ts';
import { openaiHarness } from '../../../test/support/openai-harness.ts';

const { rig, serverOf, upstreamAt } = openaiHarness();
const choices = [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }];
const ANSWER = JSON.stringify({ object: 'chat.completion', choices });

const open: (Server & { closeAllConnections?(): void })[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections?.();
  }
});

async function hostOf(server: Server): Promise<string> {
  open.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // `address()` is a string only for pipes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const through = (host: string, login = '') => ({
  proxy: { url: `http://${login}${host}`, host, variable: 'HTTPS_PROXY' },
});

test('a plain address is asked of the proxy, with its password for the proxy alone', async () => {
  const seen: IncomingMessage[] = [];
  const host = await hostOf(
    createServer((request, response) => {
      seen.push(request);
      response.setHeader('content-type', 'application/json').end(ANSWER);
    }),
  );
  const upstream = upstreamAt('http://api.nowhere.invalid/v1', {
    apiKey: 'ours',
    ...through(host, 'ann:pass@'),
  });
  await whole(upstream, hi());
  expect(await upstream.probe(patient)).toMatchObject({ detail: expect.stringContaining('list') });
  expect(seen.map(({ url }) => url)).toEqual([
    'http://api.nowhere.invalid/v1/chat/completions',
    'http://api.nowhere.invalid/v1/models',
  ]);
  expect(seen[0]?.headers).toMatchObject({
    host: 'api.nowhere.invalid',
    authorization: 'Bearer ours',
    'proxy-authorization': `Basic ${Buffer.from('ann:pass').toString('base64')}`,
  });
});

test('an https address is a tunnel, and a proxy that refuses one is named', async () => {
  const asked: (string | undefined)[] = [];
  const proxy = createServer();
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    asked.push(request.url);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  const host = await hostOf(proxy);
  const error = await failure(
    send(upstreamAt('https://api.nowhere.invalid/v1', through(host)), hi()),
  );
  expect(asked).toEqual(['api.nowhere.invalid:443']);
  expect(error.attemptCause).toBe('unreachable');
  expect(error.message).toContain(`through the proxy ${host}`);
  expect(error.message).toContain('403');
});

test('a proxy that wants a password, or is not there, is named', async () => {
  const host = await hostOf(createServer((_request, response) => response.writeHead(407).end()));
  const refused = await failure(send(upstreamAt('http://a.invalid/v1', through(host)), hi()));
  expect(refused.message).toContain(
    `through the proxy ${host} (Proxy Authentication Required (407))`,
  );
  const away = await failure(send(upstreamAt('http://a.invalid/v1', through('127.0.0.1:1')), hi()));
  expect(away.message).toContain('through the proxy 127.0.0.1:1 (ECONNREFUSED)');
});

/** How a peer ends a connection that it had kept. */
const ENDS: Readonly<Record<string, (socket: Socket) => void>> = {
  closed: (socket) => socket.destroy(),
  reset: (socket) => socket.resetAndDestroy(),
};

test.each(Object.keys(ENDS))(
  'a kept connection that the peer has %s costs no request: it goes out on a fresh one',
  async (how) => {
    const used = new Set<Socket>();
    let cut = 0;
    const url = await serverOf((request, response) => {
      request.resume().once('end', () => {
        if (used.has(request.socket)) {
          cut += 1;
          ENDS[how]?.(request.socket);
          return;
        }
        used.add(request.socket);
        response.setHeader('content-type', 'application/json').end(ANSWER);
      });
    });
    const upstream = upstreamAt(url);
    // Several kept connections, all of them dead.
    await Promise.all([1, 2, 3].map(() => whole(upstream, hi())));
    const again = await Promise.all([1, 2, 3].map(() => whole(upstream, hi())));
    expect(again).toHaveLength(3);
    expect(cut).toBeGreaterThan(0);
  },
);

test.each(Object.keys(ENDS))(
  'what may be billed is not sent again where the peer has read it and %s the kept connection',
  async (how) => {
    const used = new Set<Socket>();
    let read = 0;
    const url = await serverOf((request, response) => {
      request.resume().once('end', () => {
        read += 1;
        if (used.has(request.socket)) {
          ENDS[how]?.(request.socket);
          return;
        }
        used.add(request.socket);
        response.setHeader('content-type', 'application/json').end(ANSWER);
      });
    });
    const upstream = upstreamAt(url);
    await whole(upstream, hi());
    const error = await failure(send(upstream, hi(), { isSentOnce: true }));
    // Whether it is billed is not known.
    expect(error.attemptCause).toBe('interrupted');
    expect(read).toBe(2);
  },
);

test.each(Object.keys(ENDS))('a fresh connection that is %s is not tried again', async (how) => {
  let requests = 0;
  const url = await serverOf((request) => {
    requests += 1;
    ENDS[how]?.(request.socket);
  });
  await failure(send(upstreamAt(url), hi()));
  expect(requests).toBe(1);
});

test('an answer that has begun is not asked for again', async () => {
  const used = new Set<Socket>();
  let requests = 0;
  const url = await serverOf((request, response) => {
    requests += 1;
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': ANSWER.length,
    });
    if (!used.has(request.socket)) response.end(ANSWER);
    else response.write('{', () => request.socket.destroy());
    used.add(request.socket);
  });
  const upstream = upstreamAt(url);
  await whole(upstream, hi());
  // A turn of the event loop passes before the connection is taken again.
  await new Promise(setImmediate);
  expect((await failure(send(upstream, hi()))).attemptCause).toBe('interrupted');
  expect(requests).toBe(2);
});

test('the query of the base URL goes with every call, and wins', async () => {
  const { mock } = await rig();
  const upstream = upstreamAt(`${mock.url}/?api-version=2026-01&team=a%20b`);
  await whole(upstream, hi());
  await upstream.probe(patient);
  const carried = call({
    operation: 'passthrough',
    method: 'GET',
    path: '/files?limit=2&api-version=1999&after=x%2Fy',
    payload: Buffer.alloc(0),
  });
  const answer = await upstream.send({ call: carried, model: 'tiny' }, patient);
  if (answer.kind === 'raw') await answer.chunks.return?.();
  expect(mock.requests.map(({ path, query }) => `${path}?${query.toString()}`)).toEqual([
    '/v1/chat/completions?api-version=2026-01&team=a+b',
    '/v1/models?api-version=2026-01&team=a+b',
    '/v1/files?limit=2&after=x%2Fy&api-version=2026-01&team=a+b',
  ]);
});

test('configured headers go with every call, before those of the caller', async () => {
  const { mock, upstream } = await rig(
    {},
    {
      headers: { 'X-Title': 'Shop', 'User-Agent': 'shop/2', 'OpenAI-Beta': 'ours', 'X-Unset': '' },
    },
  );
  const forwardHeaders = { 'openai-beta': 'theirs', 'x-client-request-id': 'c1' };
  await upstream.send({ call: call({ forwardHeaders }), model: 'tiny' }, patient);
  await upstream.probe(patient);
  const [asked, probed] = mock.requests;
  expect(asked?.headers).toMatchObject({
    'x-title': 'Shop',
    'user-agent': 'shop/2',
    'openai-beta': 'ours',
    'x-client-request-id': 'c1',
  });
  expect(asked?.headers).not.toHaveProperty('x-unset');
  expect(probed?.headers).toMatchObject({ 'x-title': 'Shop', 'user-agent': 'shop/2' });
});

test('a connection asks by itself, twice a minute, whether the peer is still there', async () => {
  const asked = vi.spyOn(Socket.prototype, 'setKeepAlive');
  const { upstream } = await rig();
  await whole(upstream, hi());
  expect(asked).toHaveBeenCalledWith(true, 30_000);
  asked.mockRestore();
});
