/** Custom and hosted tools through the whole gateway, asked with OpenAI's own SDK. */
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../../test/support/gateway-fixture.ts';

let whole: WholeGateway;
let client: OpenAI;
beforeAll(async () => {
  whole = await startTestGateway({ cloud: 'none', policy: simplePolicy() });
  client = new OpenAI({ baseURL: `${whole.gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
});
afterAll(() => whole.close());

const RUN = { type: 'custom', name: 'run' } as const;

test('a small model is asked for a custom tool, in chat and in responses', async () => {
  const input = 'Please run it.';
  const { output } = await client.responses.create({ model: 'auto', input, tools: [RUN] });
  expect(output).toMatchObject([{ type: 'custom_tool_call', name: 'run', input: 'text' }]);
  const { choices } = await client.chat.completions.create({
    model: 'auto',
    messages: [{ role: 'user', content: input }],
    tools: [{ type: 'custom', custom: { name: 'run' } }],
  });
  expect(choices[0]?.message.tool_calls).toMatchObject([
    { type: 'custom', custom: { name: 'run', input: 'text' } },
  ]);
});

test('allowed tools are the only ones that it is offered', async () => {
  const tools = ['look', 'run'].map((name) => ({
    type: 'function' as const,
    function: { name, parameters: { type: 'object', properties: {} } },
  }));
  const { choices } = await client.chat.completions.create({
    model: 'auto',
    messages: [{ role: 'user', content: 'Please look and run.' }],
    tools,
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'run' } }] },
    },
  });
  expect(choices[0]?.message.tool_calls).toMatchObject([{ function: { name: 'run' } }]);
});

test.each([
  [
    'a grammar that cannot be checked',
    { ...RUN, format: { type: 'grammar', syntax: 'lark', definition: 'start: "a"' } },
    'this one cannot be checked here',
  ],
  ['a hosted tool', { type: 'file_search', vector_store_ids: [] }, 'hosted tools'],
  ['a search', { type: 'web_search' }, 'web search, which runs at the cloud'],
] as const)(
  '%s needs a cloud, and where there is none the error says so',
  async (_, tool, words) => {
    const answer = await whole.post('/responses', { model: 'auto', input: 'Hi', tools: [tool] });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toContain(words);
  },
);

test('a tool that runs at Anthropic needs an upstream that speaks its API', async () => {
  const answer = await whole.post('/messages', {
    model: 'auto',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'Hi' }],
    tools: [{ type: 'web_search_20250305', name: 'web_search' }],
  });
  expect(answer.status).toBe(400);
  expect(JSON.stringify(await answer.json())).toContain('it has tools that run there');
});
