/** What one request costs, counted and not timed: more of it is a choice, and not an accident. */
import { createServer, request, Agent, type Server } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { promiseHooks } from 'node:v8';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const ANSWER = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'gpt-4o',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
});
const BODY = JSON.stringify({
  model: 'cloud/gpt-4o',
  messages: [
    { role: 'system', content: 'You are a helpful assistant that answers briefly.' },
    { role: 'user', content: 'What is the capital of France, please? Thanks.' },
  ],
});

let upstream: Server;
let whole: WholeGateway;
const agent = new Agent({ keepAlive: true });

/** Neither the upstream nor the caller makes a promise, so that those of the gateway can be counted. */
beforeAll(async () => {
  upstream = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => {
      outgoing.setHeader('content-type', 'application/json');
      outgoing.end(ANSWER);
    });
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const address = upstream.address();
  const port = typeof address === 'object' ? address?.port : 0;
  whole = await startTestGateway({ cloudUrl: `http://127.0.0.1:${port}/v1`, store: 'sqlite' });
});

afterAll(async () => {
  agent.destroy();
  await whole.close();
  upstream.closeAllConnections();
  upstream.close();
});

function ask(answered: (status: number) => void): void {
  const options = {
    port: whole.gateway.port,
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { 'content-type': 'application/json' },
    agent,
  };
  request(options, (incoming) => {
    incoming.resume().on('end', () => answered(incoming.statusCode ?? 0));
  }).end(BODY);
}

/** One after the other. */
const askTimes = (times: number): Promise<readonly number[]> =>
  new Promise((resolve) => {
    const statuses: number[] = [];
    const next = (): void =>
      ask((status) => {
        statuses.push(status);
        if (statuses.length === times) resolve(statuses);
        else next();
      });
    next();
  });

test('a request makes few promises', async () => {
  await askTimes(20);
  let made = 0;
  const stop: unknown = promiseHooks.onInit(() => {
    made += 1;
  });
  const statuses = await askTimes(100);
  if (typeof stop === 'function') stop();
  expect(new Set(statuses)).toEqual(new Set([200]));
  // 71: twelve are a paid request's intent and its end. Of the others the ledger's six are shared by the records of a batch.
  expect(made / 100).toBeLessThan(75);
});

test("a request's row in the ledger is small", async () => {
  await askTimes(20);
  await fetch(`${whole.gateway.url}/admin/requests?limit=1`);
  const db = new DatabaseSync(join(whole.folder, 'state.db'), { readOnly: true });
  const row = db.prepare('SELECT avg(length(packed)) AS bytes FROM records').get();
  db.close();
  // 465 when this was written, of 741 on disk with its columns and indexes.
  expect(Number(row?.['bytes'])).toBeLessThan(600);
});
