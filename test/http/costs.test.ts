/** What one request costs, counted and not timed: more of it is a choice, and not an accident. */
import { createServer, request, Agent, type Server, type ServerResponse } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { promiseHooks } from 'node:v8';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { bytesAllocatedBy } from '../support/count-allocations.ts';
import { callsMadeBy, countsCalls, socketWritesOf } from '../support/count-calls.ts';
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
    let asked = '';
    incoming.on('data', (bytes: Buffer) => (asked += bytes.toString()));
    incoming.on('end', () => {
      const events = Number(/events=(\d+)/.exec(asked)?.[1] ?? 0);
      outgoing.setHeader('content-type', events === 0 ? 'application/json' : 'text/event-stream');
      if (events === 0) outgoing.end(ANSWER);
      else sendEvents(outgoing, events);
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

/** Each in a turn of the event loop of its own, as a model writes them. */
function sendEvents(outgoing: ServerResponse, left: number): void {
  const choice = { index: 0, delta: { content: 'a' }, finish_reason: left === 1 ? 'stop' : null };
  const event = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-4o' };
  outgoing.write(`data: ${JSON.stringify({ ...event, choices: [choice] })}\n\n`);
  if (left > 1) setImmediate(sendEvents, outgoing, left - 1);
  else outgoing.end('data: [DONE]\n\n');
}

function ask(answered: (status: number) => void, body = BODY): void {
  const options = {
    port: whole.gateway.port,
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { 'content-type': 'application/json' },
    agent,
  };
  request(options, (incoming) => {
    incoming.resume().on('end', () => answered(incoming.statusCode ?? 0));
  }).end(body);
}

/** One after the other. */
const askTimes = (times: number, body = BODY): Promise<readonly number[]> =>
  new Promise((resolve) => {
    const statuses: number[] = [];
    const next = (): void =>
      ask((status) => {
        statuses.push(status);
        if (statuses.length === times) resolve(statuses);
        else next();
      }, body);
    next();
  });

/** Per request, of so many after a few that warm up. */
async function promisesMade(times: number, body = BODY): Promise<number> {
  await askTimes(20, body);
  let made = 0;
  const stop: unknown = promiseHooks.onInit(() => {
    made += 1;
  });
  const statuses = await askTimes(times, body);
  if (typeof stop === 'function') stop();
  expect(new Set(statuses)).toEqual(new Set([200]));
  return made / times;
}

test('a request makes few promises', async () => {
  // 60 where each record has a batch of the ledger's to itself, which a slow machine makes so: nine of them are the ledger's. Twelve
  // are a paid request's intent and its end, eleven are waits between stages.
  expect(await promisesMade(100)).toBeLessThan(70);
});

const streamOf = (events: number): string =>
  JSON.stringify({
    model: 'cloud/gpt-4o',
    stream: true,
    messages: [{ role: 'user', content: `events=${events}` }],
  });

test('an event of a stream makes no promise', async () => {
  const [short, long] = [
    await promisesMade(10, streamOf(10)),
    await promisesMade(10, streamOf(110)),
  ];
  // None: it is pushed from the socket of the upstream to that of the caller. 4, 7 and 12 before.
  expect((long - short) / 100).toBeLessThan(0.5);
});

test('an event of a stream that differs from the one before in its text alone is not parsed', async () => {
  const parse = vi.spyOn(JSON, 'parse');
  const parsedIn = async (events: number): Promise<number> => {
    await askTimes(10, streamOf(events));
    const parsed = parse.mock.calls.length;
    parse.mockClear();
    return parsed / 10;
  };
  const [short, long] = [await parsedIn(10), await parsedIn(110)];
  parse.mockRestore();
  expect((long - short) / 100).toBeLessThan(0.1);
});

test('a request is written in one piece to the upstream, and so is its answer', async () => {
  await askTimes(20);
  // 4: the caller's and the upstream's own are half of them.
  expect((await socketWritesOf(() => askTimes(50))) / 50).toBeLessThan(4.5);
});

test.skipIf(!countsCalls)('a request makes few system calls', async () => {
  await askTimes(20);
  // 28 to 31: eight are of sockets, caller and upstream included; the rest wakes the ledger's thread, and is woken by it, for a
  // paid request's intent, its end and its record.
  expect((await callsMadeBy(() => askTimes(100))) / 100).toBeLessThan(40);
});

test('a request allocates little', async () => {
  await askTimes(100);
  const bytes = await bytesAllocatedBy(() => askTimes(50));
  // 171,000 to 174,000, those of the caller and the upstream included; some 75,000 are ours.
  expect(bytes / 50).toBeLessThan(200_000);
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
