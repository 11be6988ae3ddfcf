/** Row D5: an upstream that quotes the operator's key and its own address, in every error, on every kind of route. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const KEY = 'sk-operator-0123456789';

let whole: WholeGateway;
let telling: Server;
let status = 400;

beforeAll(async () => {
  telling = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => {
      const { port } = telling.address() as AddressInfo; // a TCP server
      const message = `Incorrect API key provided: ${incoming.headers.authorization} at http://127.0.0.1:${port}/v1, 10.1.2.3:80; ends in ${KEY.slice(-8)}`;
      outgoing.writeHead(status, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify({ error: { message, type: 'x', code: KEY } }));
    });
  });
  await new Promise<void>((resolve) => telling.listen(0, '127.0.0.1', resolve));
});
// One gateway for each: a model that fails five requests in a row is not asked the sixth.
beforeEach(async () => {
  const { port } = telling.address() as AddressInfo; // likewise
  whole = await startTestGateway({
    cloudUrl: `http://127.0.0.1:${port}/v1`,
    cloudMore: ", apiKey: '${CLOUD_KEY}'",
    env: { CLOUD_KEY: KEY },
  });
});
afterEach(() => whole.close());
afterAll(() => void telling.close());

const messages = [{ role: 'user', content: 'hi' }];
const BODIES: readonly (readonly [string, object])[] = [
  ['/v1/chat/completions', { messages }],
  ['/v1/chat/completions', { messages, stream: true }],
  ['/v1/responses', { input: 'hi' }],
  ['/v1/messages', { messages, max_tokens: 5 }],
  ['/v1/embeddings', { input: 'hi' }],
  ['/v1/images/generations', { prompt: 'a cat' }],
];

test.each(
  [400, 401, 403, 404, 409, 429, 500, 503].flatMap((code) =>
    BODIES.map(([path, body]) => [code, path, body] as const),
  ),
)('%i on %s %j', async (code, path, body) => {
  status = code;
  const answer = await whole.post(path, { model: 'cloud/gpt-4o', ...body });
  const text = await answer.text();
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(text).toContain('Incorrect API key');
  for (let at = 0; at + 8 <= KEY.length; at += 1) expect(text).not.toContain(KEY.slice(at, at + 8));
  expect(text).not.toMatch(/127\.0\.0\.1|10\.1\.2\.3/);
});
