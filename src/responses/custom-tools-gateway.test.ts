/** Custom and hosted tools through the whole gateway, asked with OpenAI's own SDK. */
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PATCH_GRAMMAR } from '../../test/fixtures/patch-grammar.ts';
import {
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../../test/support/gateway-fixture.ts';
import { mark } from '../../test/support/mock-upstream.ts';

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

describe('a tool with a Lark grammar, as Codex offers it, needs no cloud', () => {
  const patch = '*** Begin Patch\n*** Add File: a.txt\n+It is "done".\n*** End Patch\n';
  const asked = (input: string) => ({
    model: 'auto',
    input: `Add it. ${mark({ kind: 'answer', tools: [{ name: 'apply_patch', arguments: { input } }] })}`,
    tools: [
      {
        type: 'custom' as const,
        name: 'apply_patch',
        format: { type: 'grammar' as const, syntax: 'lark' as const, definition: PATCH_GRAMMAR },
      },
    ],
  });
  const called = { type: 'custom_tool_call', name: 'apply_patch', input: patch };

  test('whole', async () => {
    const { output } = await client.responses.create(asked(patch));
    expect(output).toMatchObject([called]);
  });

  test('streamed', async () => {
    const events = await client.responses.create({ ...asked(patch), stream: true });
    const done = [];
    for await (const event of events)
      if (event.type === 'response.output_item.done') done.push(event.item);
    expect(done).toMatchObject([called]);
  });

  test.each([false, true])(
    'what is no patch is an answer that failed (stream: %s)',
    async (stream) => {
      const broken = patch.replace('+It', 'It');
      const answer = await whole.post('/responses', { ...asked(broken), stream });
      expect(await answer.text()).toContain('does not match the grammar of the tool');
    },
  );
});

describe('the tools that Codex offers with each request', () => {
  const look = { type: 'function', name: 'look', parameters: { type: 'object', properties: {} } };
  const team = {
    type: 'namespace',
    name: 'team',
    description: 'Others.',
    tools: [{ ...look, name: 'ask' }],
  };
  const search = { type: 'web_search', external_web_access: false };
  const asked = (more: object) => ({
    model: 'auto',
    input: `Ask them. ${mark({ kind: 'answer', tools: [{ name: 'team__ask', arguments: {} }] })}`,
    tools: [look, team, search],
    ...more,
  });
  const called = { type: 'function_call', namespace: 'team', name: 'ask', arguments: '{}' };

  test.each([false, true])('need no cloud (stream: %s)', async (stream) => {
    const before = whole.local.requests.length;
    const answer = await whole.post('/responses', asked({ stream }));
    expect(answer.headers.get('x-smallfirst-left-out')).toBe('web_search');
    const text = await answer.text();
    const body = stream
      ? JSON.parse(
          text
            .split('\n')
            .findLast((line) => line.startsWith('data: {'))!
            .slice(6),
        ).response
      : JSON.parse(text);
    expect(body.output).toMatchObject([called]);
    expect(whole.local.requests[before]?.body).toMatchObject({
      tools: [{ function: { name: 'look' } }, { function: { name: 'team__ask' } }],
    });
  });

  test('calls of earlier turns keep their names', async () => {
    const before = whole.local.requests.length;
    const input = [
      { role: 'user', content: 'Ask them.' },
      { ...called, call_id: 'c1' },
      { type: 'function_call_output', call_id: 'c1', output: 'Yes.' },
    ];
    expect((await whole.post('/responses', asked({ input }))).status).toBe(200);
    const { body } = whole.local.requests[before]!;
    expect(JSON.stringify(body)).toContain('"function":{"name":"team__ask","arguments":"{}"}');
  });

  test.each([
    { tools: [search] },
    { tool_choice: { type: 'web_search' } },
    { tool_choice: 'required' },
  ])('a search that is all there is, or may be demanded, needs one: %j', async (more) => {
    const answer = await whole.post('/responses', asked(more));
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('web search, which runs at the cloud');
  });
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
    { ...RUN, format: { type: 'grammar', syntax: 'lark', definition: 'start: A\n%declare A' } },
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
