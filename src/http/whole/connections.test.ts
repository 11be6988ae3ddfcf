/** The same bytes to a server with and without the short way: what comes back must be the same, whatever they are. */
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBody } from '../body/body.ts';
import { sendBytes, sendError, sendJson } from '../answer/send.ts';
import { listen, type Listening } from '../server.ts';
import { WholeRequest } from './request.ts';

let short: Listening;
let nodes: Listening;
/** Requests that were taken on the short way. */
let taken = 0;

beforeAll(async () => {
  const where = { host: '127.0.0.1', port: 0 };
  const paths = new Set(['/v1/chat/completions', '/v1/embeddings']);
  const served: RequestListener = (...both) => void serve(...both);
  nodes = await listen((...both) => void serve(...both), where);
  short = await listen(Object.assign(served, { direct: paths }), where);
});
afterAll(() => {
  short.cut();
  nodes.cut();
});

async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  if (incoming instanceof WholeRequest) taken += 1;
  try {
    const body = await readBody(incoming, 50_000);
    await answer(body.toString(), incoming, outgoing);
  } catch (error) {
    sendError(outgoing, error);
  }
}

const LONG = 'x'.repeat(100_000);

async function answer(
  body: string,
  { method, url, headers, rawHeaders, httpVersion }: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  if (body.includes('late')) await turn();
  if (body.includes('last')) outgoing.shouldKeepAlive = false;
  if (body.includes('set')) outgoing.setHeader('vary', 'Origin').setHeader('x-seen', 'twice');
  if (body.includes('gone')) {
    outgoing.writeHead(200, { 'content-length': '10' }).write('half');
    await turn();
    return void outgoing.destroy();
  }
  if (body.includes('pieces')) {
    outgoing.writeHead(200, ['content-type', 'text/event-stream', 'x-seen', 'once']);
    outgoing.flushHeaders();
    outgoing.write('data: 1\n\n', 'latin1');
    await turn();
    outgoing.write(Buffer.from('data: ü\n\n'));
    outgoing.write('data: ü\n\n');
    outgoing.end(body.includes('more') ? 'data: last\n\n' : undefined);
  } else if (body.includes('empty')) outgoing.end();
  else if (body.includes('plain')) outgoing.end('plain ü');
  else if (body.includes('long')) sendBytes(outgoing, Buffer.from(LONG), { 'x-long': 'yes' });
  else if (body.includes('bytes'))
    sendBytes(outgoing, Buffer.from('{"ü":1}'), { connection: 'close' });
  else sendJson(outgoing, { body, method, url, headers, rawHeaders, httpVersion }, { 'x-o': 'o' });
}

/** Turns of the event loop, which server and caller share, without a byte: nothing is on its way any more. */
const QUIET_TURNS = 30;

/** All that comes back until the server closes the connection, or waits for more. */
async function backFrom({ port }: Listening, pieces: readonly string[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).setNoDelay();
  let text = '';
  let quiet = 0;
  socket.setEncoding('latin1').on('data', (piece: string) => {
    text += piece;
    quiet = 0;
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  for (const piece of pieces) {
    socket.write(piece, 'latin1');
    await turn();
    await turn();
  }
  for (; quiet < QUIET_TURNS && !socket.readableEnded && !socket.destroyed; quiet += 1)
    await turn();
  socket.end();
  if (!socket.closed) await once(socket, 'close').catch(() => undefined);
  return text.replaceAll(/Date: [^\r]*/g, 'Date: now');
}

async function expectSame(...pieces: readonly string[]): Promise<string> {
  const [ours, theirs] = await Promise.all([backFrom(short, pieces), backFrom(nodes, pieces)]);
  expect(shortened(ours)).toBe(shortened(theirs));
  return ours;
}

const shortened = (text: string): string =>
  text.replaceAll(/x{9,}/g, ({ length }) => `x ${length} times`);

const HEAD = 'Host: 127.0.0.1\r\nContent-Type: application/json\r\n';
const post = (body: string, more = '', path = '/v1/chat/completions'): string =>
  `POST ${path} HTTP/1.1\r\n${HEAD}${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
/** Node's, which closes the connection after it. */
const LAST = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n';

test('requests that come whole are answered as by Node, and on the short way', async () => {
  const before = taken;
  const answers = await expectSame(post('{"a":1}'), post('{"late":1}'), post('{"a":2}'), LAST);
  expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(4);
  expect(taken - before).toBe(3);
});

test.each(['pieces', 'pieces more', 'empty', 'plain', 'set', 'set pieces', 'long', 'late set'])(
  'an answer of %s is written as by Node',
  async (kind) => {
    const before = taken;
    await expectSame(post(kind), post(kind), LAST);
    expect(taken - before).toBe(2);
  },
);

test.each([
  ['is the last', [post('last'), post('not answered')]],
  ['says itself that it is the last', [post('bytes'), post('not answered')]],
  ['is given up in the middle', [post('gone')]],
])('after an answer that %s the connection is closed', async (_, pieces) => {
  const before = taken;
  await expectSame(...pieces);
  expect(taken - before).toBe(1);
});

test('a body may come in a read of its own', async () => {
  const before = taken;
  const [head = '', body = ''] = post('{"a":1}').split(/(?<=\r\n\r\n)/);
  await expectSame(head, body.slice(0, 3), body.slice(3), LAST);
  expect(taken - before).toBe(1);
});

test.each([
  ['two Host headers', post('{}', 'Host: other\r\n')],
  ['two lengths', post('{}', 'Content-Length: 3\r\n')],
  ['the same length twice', post('{}', 'Content-Length: 2\r\n')],
  [
    'chunks',
    `POST /v1/embeddings HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  ],
  ['a length and chunks', post('2\r\n{}\r\n0\r\n\r\n', 'Transfer-Encoding: chunked\r\n')],
  ['an expectation', post('{}', 'Expect: 100-continue\r\n')],
  ['the wish to close', post('{}', 'Connection: close\r\n')],
  ['the wish to keep alive', post('{}', 'connection: Keep-Alive\r\n')],
  ['another protocol', post('{}', 'Connection: Upgrade\r\nUpgrade: h2c\r\n')],
  ['a name with a blank', post('{}', 'X : y\r\n')],
  ['a folded line', post('{}', 'X: y\r\n z\r\n')],
  ['a line that ends in one byte', post('{}', 'X: y\nContent-Length: 1\r\n')],
  ['a null byte', post('{}', 'X: \0\r\n')],
  ['letters that are not ASCII', post('{}', 'X: \u00fc\r\n')],
  ['values with blanks around', post('{}', 'X: \t y z \t\r\nY:\r\nZ:z\r\n')],
  ['names of objects', post('{}', 'constructor: x\r\n__proto__: y\r\nvalueOf: z\r\n')],
  ['two of one name', post('{}', 'X: y\r\nx: z\r\n')],
  ['two cookies', post('{}', 'Cookie: a=b\r\nCookie: c=d\r\n')],
  ['no Host', 'POST /v1/embeddings HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}'],
  ['no length', `POST /v1/embeddings HTTP/1.1\r\n${HEAD}\r\n`],
  ['a length of zero', post('')],
  ['a length with a sign', post('{}').replace('Length: 2', 'Length: +2')],
  ['a length with a zero before it', post('{}').replace('Length: 2', 'Length: 02')],
  ['HTTP/1.0', post('{}').replace('HTTP/1.1', 'HTTP/1.0')],
  ['another version', post('{}').replace('HTTP/1.1', 'HTTP/1.2')],
  ['another route', post('{}', '', '/v1/models')],
  ['a query', post('{}', '', '/v1/embeddings?a=b')],
  ['a whole URL', post('{}', '', 'http://127.0.0.1/v1/embeddings')],
  ['a body that is too long', post('x'.repeat(60_000))],
  ['a body longer than what is taken here', post('x'.repeat(110_000))],
  ['a long head', post('{}', `X: ${'y'.repeat(9000)}\r\n`)],
  ['a head that is too long', post('{}', `X: ${'y'.repeat(20_000)}\r\n`)],
  ['a blank line before', `\r\n${post('{}')}`],
  ['what is no HTTP', '\u0016\u0003\u0001\u0002\u0000\u0001'],
])('%s gets the answer that it gets from Node, at first and later', async (_, request) => {
  await expectSame(request, LAST);
  await expectSame(post('{"a":1}'), request, LAST);
  await expectSame(post('{"late":1}') + request, LAST);
});

/** Cuts a text after each of these shares of it. */
function cut(text: string, shares: readonly number[]): readonly string[] {
  const places = shares.map((share) => Math.floor(share * text.length)).toSorted((a, b) => a - b);
  const ends = [...places, text.length];
  return ends.map((end, at) => text.slice(at === 0 ? 0 : ends[at - 1], end)).filter(Boolean);
}

test('requests in any order and pieces get the answers of Node', async () => {
  const body = fc.constantFrom('{"a":1}', 'pieces', 'late', 'set', 'empty', 'long', 'late pieces');
  const more = fc.constantFrom('', 'X-Id: 1\r\n', 'X: y\r\nx: z\r\n');
  const path = fc.constantFrom('/v1/chat/completions', '/v1/embeddings', '/v1/models');
  const request = fc.tuple(body, more, path).map((parts) => post(...parts));
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { minLength: 1, maxLength: 4 }),
      fc.array(share, { maxLength: 4 }),
      async (requests, shares) => {
        await expectSame(...cut(requests.join('') + LAST, shares));
      },
    ),
    { numRuns: 200 },
  );
});

test('bytes changed anywhere in a request get the answer of Node', async () => {
  const request = post('{"a":1}', 'X-Id: 1\r\n');
  const change = fc.record({
    at: fc.nat({ max: request.length - 1 }),
    by: fc.constantFrom('', ' ', '\t', '\r', '\n', '\r\n', ':', ',', '0', '9', 'A', '\0', '\u00ff'),
    without: fc.nat({ max: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (changes) => {
      const changed = changes.reduce(
        (text, { at, by, without }) => text.slice(0, at) + by + text.slice(at + without),
        request,
      );
      await expectSame(changed + LAST);
      await expectSame(post('{"a":1}'), changed + LAST);
    }),
    { numRuns: 300 },
  );
});
