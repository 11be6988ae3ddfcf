/** Names of tools as MCP allows them and clouds refuse (README.md): what a cloud is sent, and what the caller gets. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isObject, type JsonObject } from '../../src/lib/json.ts';
import { startSayingCloud, type SayingCloud } from '../support/saying-cloud.ts';

let cloud: SayingCloud;
beforeAll(async () => {
  cloud = await startSayingCloud();
});
afterAll(async () => {
  await cloud.close();
});

const name = 'github.issues/create';
const sent = 'github_issues_create';
const parameters = { type: 'object', properties: { name: { type: 'string' } } };
const call = { id: 'c1', type: 'function' as const, function: { name: sent, arguments: '{}' } };
const envelope = { id: 'c', created: 7, model: 'gpt-4o' };

const dataIn = (text: string): readonly JsonObject[] =>
  [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data = '']) => JSON.parse(data) as JsonObject);

const chat = {
  model: 'cloud/gpt-4o',
  messages: [{ role: 'user' as const, content: 'hi' }],
  tools: [{ type: 'function' as const, function: { name, parameters } }],
  tool_choice: { type: 'function' as const, function: { name } },
};

test('a chat, whole', async () => {
  const message = { role: 'assistant', content: null, tool_calls: [call] };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  cloud.say(JSON.stringify({ ...envelope, object: 'chat.completion', choices }));
  const answer = await cloud.client.chat.completions.create(chat);
  expect(answer.choices[0]?.message.tool_calls).toMatchObject([{ function: { name } }]);
  expect(cloud.asked()).toMatchObject({
    tools: [{ type: 'function', function: { name: sent, parameters } }],
    tool_choice: { type: 'function', function: { name: sent } },
  });
});

test('a chat, streamed, whose caller goes on with the answer', async () => {
  const chunk = (delta: JsonObject, finish_reason: string | null = null) => {
    const choices = [{ index: 0, delta, finish_reason }];
    const data = { ...envelope, object: 'chat.completion.chunk', choices };
    return `data: ${JSON.stringify(data)}\n\n`;
  };
  const first = chunk({ role: 'assistant', tool_calls: [{ index: 0, ...call }] });
  cloud.say(`${first}${chunk({}, 'tool_calls')}data: [DONE]\n\n`);
  const stream = cloud.client.chat.completions.stream({ ...chat, tool_choice: 'auto' });
  const { choices } = await stream.finalChatCompletion();
  const message = choices[0]!.message;
  expect(message.tool_calls).toMatchObject([{ function: { name } }]);
  const result = { role: 'tool' as const, tool_call_id: 'c1', content: 'done' };
  await cloud.whole.post('/v1/chat/completions', {
    ...chat,
    messages: [...chat.messages, message, result],
  });
  const { messages } = cloud.asked();
  expect(messages).toMatchObject([{}, { tool_calls: [{ function: { name: sent } }] }, result]);
});

test.each([false, true])('responses (stream: %s)', async (stream) => {
  const item = { id: 'fc_1', type: 'function_call', call_id: 'c1', name: sent, arguments: '{}' };
  const response = {
    id: 'resp_1',
    object: 'response',
    created_at: 7,
    model: 'gpt-4o',
    status: 'completed',
    output: [item],
    tools: [{ type: 'function', name: sent, parameters }],
  };
  const events = [
    { type: 'response.output_item.added', output_index: 0, item },
    { type: 'response.completed', response },
  ];
  const written = events.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`);
  cloud.say(stream ? written.join('') : JSON.stringify(response));
  const answer = await cloud.whole.post('/v1/responses', {
    model: 'cloud/gpt-4o',
    input: 'hi',
    stream,
    tools: [{ type: 'function', name, parameters }],
  });
  expect(cloud.asked()).toMatchObject({ tools: [{ name: sent }] });
  const text = await answer.text();
  const seen = stream ? dataIn(text) : [JSON.parse(text) as JsonObject];
  expect(JSON.stringify(seen)).not.toContain(sent);
  const last = seen.at(-1) ?? {};
  expect(isObject(last['response']) ? last['response'] : last).toMatchObject({
    output: [{ type: 'function_call', name }],
    tools: [{ name }],
  });
});

test('a server here takes them as they are', async () => {
  await cloud.whole.post('/v1/chat/completions', { ...chat, model: 'small' });
  expect(cloud.whole.local.requests.at(-1)?.body).toMatchObject({
    tools: [{ function: { name } }],
  });
});
