/** Requests that strict servers were reported to refuse (README.md): what arrives at a server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/lib/json.ts';
import { startSayingCloud, type SayingCloud } from '../support/saying-cloud.ts';
import { CHOSEN, HERE, TO_A_CLOUD, type OddRequest } from './odd-requests.ts';

let cloud: SayingCloud;
beforeAll(async () => {
  cloud = await startSayingCloud();
  const message = { role: 'assistant', content: 'Hello' };
  cloud.say(
    JSON.stringify({
      id: 'c',
      object: 'chat.completion',
      created: 7,
      model: 'gpt-4o',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    }),
  );
});
afterAll(async () => {
  await cloud.close();
});

async function ask(model: string, sent: JsonObject): Promise<void> {
  const answer = await cloud.whole.post('/v1/chat/completions', { model, ...sent });
  expect(await answer.json()).toMatchObject({ object: 'chat.completion' });
}

function expectArrived(body: JsonObject, { arrives }: OddRequest): void {
  for (const [name, value] of Object.entries(arrives)) expect(body[name]).toEqual(value);
}

describe.each(['cloud/gpt-4o', 'large'])('to a cloud, as %s', (model) => {
  test.each(TO_A_CLOUD)('%s', async (_what, row) => {
    await ask(model, row.sent);
    expectArrived(cloud.asked(), row);
  });
});

test.each(CHOSEN)('to a model that the caller did not name: %s', async (_what, row) => {
  await ask('large', row.sent);
  expectArrived(cloud.asked(), row);
});

test.each(CHOSEN)('as it is to one that the caller named: %s', async (_what, { sent }) => {
  await ask('cloud/gpt-4o', sent);
  expect(cloud.asked()).toMatchObject(sent);
});

test.each(HERE)('to a server here: %s', async (_what, row) => {
  await ask('small', row.sent);
  expectArrived(cloud.whole.local.requests.at(-1)?.body ?? {}, row);
});

test('who insists on a call without tools is refused by the server', async () => {
  await ask('cloud/gpt-4o', {
    messages: [{ role: 'user', content: 'hi' }],
    tool_choice: 'required',
  });
  expect(cloud.asked()).toMatchObject({ tool_choice: 'required' });
});
