/** Row D5, inside an answer that claims success: a native response that failed, and quotes the operator's key and its own address. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const KEY = 'sk-operator-0123456789';

let whole: WholeGateway;
let telling: Server;

/** As OpenAI writes it, with what must not be seen in every text of the error. */
function failed(authorization = ''): object {
  const { port } = telling.address() as AddressInfo; // a TCP server
  const message = `Model worker http://127.0.0.1:${port}/v1 refused ${authorization}; ends in ${KEY.slice(-8)}`;
  return {
    id: 'resp_failed',
    object: 'response',
    created_at: 1,
    status: 'failed',
    model: 'gpt-4o',
    output: [],
    error: { code: KEY, message },
  };
}

beforeAll(async () => {
  telling = createServer((incoming, outgoing) => {
    let said = '';
    incoming.on('data', (data: Buffer) => (said += data.toString()));
    incoming.on('end', () => {
      const response = failed(incoming.headers.authorization);
      const isStream = said.includes('"stream":true') || incoming.url?.includes('stream=true');
      if (isStream !== true) {
        outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(response));
        return;
      }
      const begun = { ...response, status: 'in_progress', error: null };
      outgoing.setHeader('content-type', 'text/event-stream');
      for (const [type, of] of [
        ['response.created', begun],
        ['response.failed', response],
      ] as const)
        outgoing.write(`event: ${type}\ndata: ${JSON.stringify({ type, response: of })}\n\n`);
      outgoing.end();
    });
  });
  await new Promise<void>((resolve) => telling.listen(0, '127.0.0.1', resolve));
  const { port } = telling.address() as AddressInfo; // likewise
  whole = await startTestGateway({
    cloudUrl: `http://127.0.0.1:${port}/v1`,
    cloudMore: ", apiKey: '${CLOUD_KEY}'",
    env: { CLOUD_KEY: KEY },
  });
});
afterAll(async () => {
  await whole.close();
  telling.close();
});

const ask = (more: object): Promise<Response> =>
  whole.post('/v1/responses', { model: 'cloud/gpt-4o', input: 'hi', ...more });

test.each<[string, () => Promise<Response>]>([
  ['whole', () => ask({})],
  ['streamed', () => ask({ stream: true })],
  ['streamed behind another', () => ask({ stream: true, previous_response_id: 'resp_failed' })],
  ['read back', () => fetch(`${whole.gateway.url}/v1/responses/resp_failed`)],
  [
    'read back as a stream',
    () => fetch(`${whole.gateway.url}/v1/responses/resp_failed?stream=true`),
  ],
])('%s, it is said that it failed, and nothing of the operator’s', async (_, asked) => {
  const answer = await asked();
  const text = await answer.text();
  expect(answer.status).toBe(200);
  expect(text).toContain('"status":"failed"');
  expect(text).toMatch(/Model worker \[hidden\] refused \[hidden\]/);
  for (let at = 0; at + 8 <= KEY.length; at += 1) expect(text).not.toContain(KEY.slice(at, at + 8));
  expect(text).not.toContain('127.0.0.1');
});
