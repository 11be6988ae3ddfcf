/** What clients were reported to do around the JSON (README.md): browsers, waits, WebSockets, framing. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startSayingCloud, type SayingCloud } from '../support/saying-cloud.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const APP = 'app://obsidian.md';
let open: WholeGateway;
beforeAll(async () => {
  open = await startTestGateway({ server: `, cors: ['${APP}', 'chrome-extension://abcdef']` });
});
afterAll(async () => {
  await open.close();
});

const asked = { model: 'cloud/gpt-4o', messages: [{ role: 'user', content: 'hi' }] };

describe.each([APP, 'chrome-extension://abcdef'])('a page of %s', (origin) => {
  test('may ask with the headers of OpenAI’s SDK', async () => {
    const wanted = 'authorization,content-type,x-stainless-timeout,x-stainless-helper-method';
    const answer = await fetch(`${open.gateway.url}/v1/chat/completions`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': wanted,
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-headers')).toBe(wanted);
  });

  test.each([
    ['an answer', JSON.stringify(asked), 200],
    ['a refusal', '{', 400],
  ])('reads %s', async (_what, body, status) => {
    const answer = await open.post('/v1/chat/completions', body, { headers: { origin } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  });
});

test('a page of another app may not', async () => {
  const init = { headers: { origin: 'app://other.md' } };
  expect((await open.post('/v1/chat/completions', asked, init)).status).toBe(403);
});

/** What comes back for bytes as they are, until the connection is closed. */
const exchanged = (written: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(open.gateway.url).port), '127.0.0.1');
    let seen = '';
    socket.setEncoding('utf8').on('data', (text: string) => (seen += text));
    socket.once('close', () => resolve(seen)).once('error', reject);
    socket.write(written);
  });

const post = (version: string, headers: string, body: string): string =>
  `POST /v1/chat/completions HTTP/${version}\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}Connection: close\r\n\r\n${body}`;
const text = JSON.stringify(asked);
const length = `Content-Length: ${text.length}\r\n`;

test.each([
  ['of HTTP/1.0', post('1.0', length, text)],
  ['in chunks', post('1.1', 'Transfer-Encoding: chunked\r\n', chunked(text))],
  [
    'that offers HTTP/2',
    post('1.1', `Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n${length}`, text),
  ],
])('a request %s is answered', async (_what, written) => {
  expect(await exchanged(written)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});

function chunked(body: string): string {
  return `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

test.each(['/v1/realtime?model=gpt-realtime', '/v1/responses'])(
  'a WebSocket at %s is told that there are none, and the cloud is not asked',
  async (path) => {
    open.cloud.clear();
    const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    const seen = await exchanged(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: WebSocket\r\n${key}\r\n`,
    );
    expect(seen).toContain('carries no WebSockets');
    expect(open.cloud.requests).toEqual([]);
  },
);

test('a speaker of HTTP/2 alone learns what is spoken here', async () => {
  expect(await exchanged('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toContain('HTTP/1.1');
});

describe('how long to wait is told in whole seconds', () => {
  test.each([
    ['a date', 'Sun, 29 Nov 2099 12:00:00 GMT', /^\d{9,}$/],
    ['a fraction', '1.5', /^2$/],
    ['a word', 'soon', /^1$/],
    ['less than nothing', '-1', /^1$/],
  ])('where a server says %s', async (_what, said, told) => {
    const cloud = await startRefusing(said);
    const answer = await cloud.whole.post('/v1/chat/completions', asked);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toMatch(told);
    await cloud.close();
  });
});

async function startRefusing(after: string): Promise<SayingCloud> {
  const cloud = await startSayingCloud({ 'retry-after': after });
  cloud.say('{"error":{"message":"Slow down.","type":"rate_limit_error"}}', 429);
  return cloud;
}
