/** Conversations of `/v1/responses` that the small model begins, by way of chat, and the cloud goes on with. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type JsonObject, objectsIn, textIn } from '../../src/lib/json.ts';
import type { Behaviour } from '../support/mock-upstream.ts';
import { conforms } from '../support/openai-schemas.ts';
import { EASY, HARD, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const CALL = {
  id: 'chatcmpl-tool-7d1f0c52a49b4e6f8830c6d2e9f1ab47-and-more-than-64-characters-of-it',
  type: 'function',
  function: { name: 'weather', arguments: '{"city":"Rome"}' },
};

const said = (message: JsonObject, finish = 'stop'): Behaviour => ({
  kind: 'raw',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'slm',
    choices: [{ index: 0, finish_reason: finish, logprobs: null, message }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  }),
});

let whole: WholeGateway;
let answer: Behaviour;
beforeAll(async () => {
  whole = await startTestGateway({ local: { without: ['/responses'], behaviour: () => answer } });
});
beforeEach(() => {
  answer = said({ role: 'assistant', content: 'Rome is warm.', reasoning_content: 'Warm?' });
});
afterAll(() => whole.close());

async function ask(body: JsonObject): Promise<{ status: number; tier: string; body: JsonObject }> {
  const response = await whole.post('/v1/responses', { model: 'auto', ...body });
  const tier = response.headers.get('x-smallfirst-tier') ?? '';
  return { status: response.status, tier, body: (await response.json()) as JsonObject };
}

/** What the cloud was sent last, each item by OpenAI's specification, none with an id of ours. */
function cloudInput(ours: readonly JsonObject[]): readonly JsonObject[] {
  const input = objectsIn(whole.cloud.requests.at(-1)?.body['input']);
  for (const item of input) expect(conforms('input item', item)).toEqual([]);
  const ids = ours.map((item) => textIn(item['id']));
  expect(ids.every((id) => id !== '')).toBe(true);
  expect(input.filter((item) => ids.includes(textIn(item['id'])))).toEqual([]);
  expect(input.filter((item) => item['type'] === 'reasoning')).toEqual([]);
  return input;
}

const user = (content: string): JsonObject => ({ role: 'user', content });

describe.each([true, false])('with store: %s', (store) => {
  test('the small model’s answer goes on as an item of the input', async () => {
    const first = await ask({ store, input: [user(EASY)] });
    const output = objectsIn(first.body['output']);
    const second = await ask({ store, input: [user(EASY), ...output, user(HARD)] });
    expect([first.tier, second.tier]).toEqual(['small', 'large']);
    expect(cloudInput(output)).toEqual([
      user(EASY),
      { type: 'message', role: 'assistant', content: 'Rome is warm.' },
      user(HARD),
    ]);
  });

  test('a call of the small model’s and its result keep naming each other', async () => {
    answer = said({ role: 'assistant', content: null, tool_calls: [CALL] }, 'tool_calls');
    const tools = [{ type: 'function', name: 'weather', parameters: {}, strict: false }];
    const first = await ask({ store, tools, input: [user(EASY)] });
    const output = objectsIn(first.body['output']);
    const result = { type: 'function_call_output', call_id: CALL.id, output: '30 degrees' };
    const input = [user(EASY), ...output, result, user(HARD)];
    const second = await ask({ store, tools, input });
    expect([first.tier, second.tier]).toEqual(['small', 'large']);
    const [, call, given] = cloudInput(output);
    expect(call).toMatchObject({ type: 'function_call', name: 'weather' });
    expect(textIn(call?.['call_id'])).toMatch(/^call_[0-9a-f]{24}$/);
    expect(given?.['call_id']).toBe(call?.['call_id']);
  });
});

test('the small model’s answer goes on by previous_response_id', async () => {
  const first = await ask({ input: EASY });
  const previous = textIn(first.body['id']);
  const second = await ask({ input: HARD, previous_response_id: previous });
  expect([first.tier, second.tier]).toEqual(['small', 'large']);
  expect(cloudInput(objectsIn(first.body['output'])).at(-2)).toEqual({
    type: 'message',
    role: 'assistant',
    content: 'Rome is warm.',
  });
});

test('what is ours and was not kept is refused here, and no cloud is asked for it', async () => {
  const first = await ask({ store: false, input: EASY });
  const before = whole.cloud.requests.length;
  const previous = await ask({ input: HARD, previous_response_id: textIn(first.body['id']) });
  expect(previous.status).toBe(400);
  expect(previous.body).toMatchObject({ error: { code: 'previous_response_not_found' } });
  const id = textIn(objectsIn(first.body['output']).at(-1)?.['id']);
  const referred = await ask({ input: [{ type: 'item_reference', id }, user(HARD)] });
  expect(referred.status).toBe(404);
  expect(referred.body).toMatchObject({ error: { param: 'input' } });
  const read = await fetch(`${whole.gateway.url}/v1/responses/${textIn(first.body['id'])}`);
  expect(read.status).toBe(404);
  expect(whole.cloud.requests).toHaveLength(before);
});
