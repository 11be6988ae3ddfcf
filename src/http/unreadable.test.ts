import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen, type Listening } from './server.ts';

let listening: Listening;
/** Answers `/begin` by a beginning alone. */
beforeAll(async () => {
  listening = await listen(
    (incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      if (incoming.url === '/begin') outgoing.write('data: 1\n\n');
      else outgoing.end();
    },
    { host: '127.0.0.1', port: 0 },
  );
});
afterAll(() => listening.cut());

/** All that is answered until the connection is closed. */
async function answerTo(...pieces: readonly string[]): Promise<string> {
  const socket = connect(listening.port, '127.0.0.1').setEncoding('utf8');
  let answer = '';
  socket.on('data', (text: string) => (answer += text)).on('error', () => undefined);
  for (const [at, piece] of pieces.entries()) {
    socket.write(piece);
    if (at < pieces.length - 1) await expect.poll(() => answer, { timeout: 30_000 }).not.toBe('');
  }
  if (!socket.closed) await once(socket, 'close');
  return answer;
}

const HOST = 'Host: 127.0.0.1\r\n';

test.each([
  [
    'a head that is too long',
    `GET / HTTP/1.1\r\n${HOST}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
  ],
  ['a method that is none', `FETCH / HTTP/1.1\r\n${HOST}\r\n`, 400],
  ['a name of a header with a blank', `GET / HTTP/1.1\r\n${HOST}Bad Name: x\r\n\r\n`, 400],
  [
    'two lengths of one body',
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    400,
  ],
  ['TLS where there is none', '\u0016\u0003\u0001\u0002\u0000\u0001', 400],
  ['a tunnel', 'CONNECT acme.io:443 HTTP/1.1\r\nHost: acme.io:443\r\n\r\nsecret', 405],
  ['another expectation', `POST / HTTP/1.1\r\n${HOST}Expect: payment\r\n\r\n`, 417],
])('%s is told in a body that SDKs read', async (_, request, status) => {
  const [head = '', body = ''] = (await answerTo(request)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(head.toLowerCase()).toContain('connection: close');
  const json = /\{.*\}/.exec(body)?.[0] ?? '';
  expect(JSON.parse(json)).toEqual({
    error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: null },
  });
});

test.each([
  ['is asked for', `HEAD / HTTP/1.1\r\n${HOST}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['may be, with a header that is none', `HEAD / HTTP/1.1\r\n${HOST}Bad Name: x\r\n\r\n`, 400],
])('where the head alone %s, that is all', async (_, request, status) => {
  const answer = await answerTo(request);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer.endsWith('\r\n\r\n')).toBe(true);
});

test('a refusal of a later piece of a request has no body, as it may be one for the head alone', async () => {
  const piece = `HEAD / HTTP/1.1\r\n${HOST}\r\nHEAD / HTTP/1.1\r\n${HOST}`;
  expect(await answerTo(piece, 'Bad Name: x\r\n\r\n')).toMatch(/400 [^]*\r\n\r\n$/);
});

test('nothing is put into an answer that has begun', async () => {
  const answer = await answerTo(`GET /begin HTTP/1.1\r\n${HOST}\r\n`, 'FETCH / HTTP/1.1\r\n\r\n');
  expect(answer).toContain('data: 1');
  expect(answer).not.toContain('error');
});
