/** What a request costs, counted and not timed: a machine that is busy makes no difference. Figures in time are the benchmark's. */
import { Agent, request } from 'node:http';
import { promiseHooks } from 'node:v8';
import { expect, onTestFinished, test } from 'vitest';
import { dictionary } from '../../src/stores/dictionary.ts';
import { rowPacker, toBytes } from '../../src/stores/packed-rows.ts';
import { startTestGateway } from '../support/gateway-fixture.ts';
import { aRecord } from '../support/record.ts';

const REQUESTS = 20;
const BODY = JSON.stringify({
  model: 'auto',
  messages: [{ role: 'user', content: 'Hello, thanks for your help!' }],
});

/** Asks so many times, one after the other, and calls back; the client itself makes no promise. */
function ask(url: string, agent: Agent, times: number, done: () => void): void {
  const headers = { 'content-type': 'application/json', 'content-length': BODY.length };
  request(url, { method: 'POST', agent, headers }, (response) => {
    response.resume().on('end', () => {
      if (times > 1) ask(url, agent, times - 1, done);
      else done();
    });
  }).end(BODY);
}

/** Promises that are made in this process while a server answers, for each request. */
async function promisesOf(url: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  await new Promise<void>((resolve) => {
    ask(url, agent, REQUESTS, resolve);
  });
  let made = 0;
  await new Promise<void>((resolve) => {
    const stop: unknown = promiseHooks.onInit(() => {
      made += 1;
    });
    ask(url, agent, REQUESTS, () => {
      if (typeof stop === 'function') stop();
      resolve();
    });
  });
  return made / REQUESTS;
}

test('a request makes few promises, beside those of the mock that answers it', async () => {
  const whole = await startTestGateway();
  onTestFinished(whole.close);
  const all = await promisesOf(`${whole.gateway.url}/v1/chat/completions`);
  const mock = await promisesOf(`${whole.local.url}/chat/completions`);
  expect(all - mock).toBeLessThanOrEqual(MOST_PROMISES);
});

test('a record is packed into few bytes once its words are known', () => {
  const words = dictionary();
  const pack = rowPacker(words);
  for (let times = 0; times < 2; times += 1) toBytes(pack(aRecord()));
  expect(toBytes(pack(aRecord())).length).toBeLessThanOrEqual(MOST_BYTES);
});

/** Measured: 49 to 51. */
const MOST_PROMISES = 60;
/** Measured: 220. */
const MOST_BYTES = 240;
