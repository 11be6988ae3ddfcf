import { expect, test } from 'vitest';
import { isObject, type JsonObject } from '../lib/json.ts';
import { rewriteAll } from './dialects/rewrites.ts';
import { dialectNames, type DialectName } from '../core/dialect-names.ts';
import { dialectFor, dialects } from './dialects.ts';

/** The request as a server of this dialect gets it, of a caller who did not name the model. */
function seenBy(dialect: DialectName, body: JsonObject, model = 'm'): JsonObject {
  const { rewrites, chosenRewrites } = dialects[dialect];
  const changed = { ...body, ...rewriteAll([...rewrites, ...chosenRewrites], body, model) };
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined));
}

const LOCAL = dialectNames.filter((name) => name !== 'openai' && name !== 'openai-compatible');
const user = { role: 'user', content: 'hi' };
const tool = (name: string): JsonObject => ({ type: 'function', function: { name } });
const schema = { type: 'object', properties: { a: { type: 'string' } } };

test.each(dialectNames)('%s leaves a plain request as it is', (name) => {
  const body = { model: 'm', messages: [user], temperature: 0.5, top_p: 1, unknown_to_us: [1] };
  const { rewrites, chosenRewrites } = dialects[name];
  expect(rewriteAll([...rewrites, ...chosenRewrites], body, 'm')).toBeUndefined();
});

test.each(LOCAL)('%s receives no OpenAI account members', (name) => {
  const body = {
    messages: [user],
    store: true,
    metadata: { a: '1' },
    user: 'u',
    service_tier: 'auto',
  };
  expect(seenBy(name, body)).toEqual({ messages: [user] });
});

test.each(LOCAL)('%s receives system messages instead of developer messages', (name) => {
  const body = { messages: [{ role: 'developer', content: 'be brief' }, user] };
  expect(seenBy(name, body)['messages']).toEqual([{ role: 'system', content: 'be brief' }, user]);
});

test('an unknown cloud receives everything unchanged', () => {
  const body = { messages: [{ role: 'developer', content: 'x' }], top_k: 3, store: true };
  expect(seenBy('openai-compatible', body)).toEqual(body);
});

test('OpenAI itself receives no parameter that it rejects', () => {
  const body = { messages: [user], top_k: 40, keep_alive: '5m', chat_template_kwargs: {}, seed: 1 };
  expect(seenBy('openai', body)).toEqual({ messages: [user], seed: 1 });
});

test.each([
  ['o3-mini', true],
  ['gpt-5-nano', true],
  ['gpt-4o', false],
])('max_tokens for %s becomes max_completion_tokens: %s', (model, isRenamed) => {
  const seen = seenBy('openai', { messages: [user], max_tokens: 9 }, model);
  expect(seen[isRenamed ? 'max_completion_tokens' : 'max_tokens']).toBe(9);
  expect(Object.keys(seen)).toHaveLength(2);
});

test.each(['ollama', 'lm-studio'] as const)(
  '%s is told max_tokens, the one name it reads',
  (name) => {
    const body = { messages: [user], max_completion_tokens: 5, max_tokens: 9 };
    expect(seenBy(name, body)).toEqual({ messages: [user], max_tokens: 5 });
  },
);

test('a server of unknown kind receives both names', () => {
  expect(seenBy('generic', { messages: [user], max_completion_tokens: 5 })).toMatchObject({
    max_tokens: 5,
    max_completion_tokens: 5,
  });
});

const TEMPLATED = [
  'ollama',
  'llama-cpp-server',
  'vllm',
  'sglang',
  'lm-studio',
  'tgi',
  'generic',
] as const;

test.each(TEMPLATED)('%s gets one system message at the beginning, later ones in place', (name) => {
  const parts = [
    { type: 'text', text: 'three' },
    { type: 'text', text: 'four' },
  ];
  const messages = [
    { role: 'developer', content: 'one' },
    { role: 'system', content: 'two' },
    user,
    { role: 'system', content: parts },
    { role: 'assistant', content: 'hello' },
  ];
  expect(seenBy(name, { messages })['messages']).toEqual([
    { role: 'system', content: 'one\n\ntwo' },
    { role: 'user', content: 'hi\n\n<system>\nthree\nfour\n</system>' },
    { role: 'assistant', content: 'hello' },
  ]);
});

test('models of others in a cloud get roles that their servers know, and Qwen one system message', () => {
  const messages = [
    { role: 'developer', content: 'one' },
    { role: 'system', content: 'two' },
    user,
  ];
  const sent = (model: string) => seenBy('openai-compatible', { messages }, model)['messages'];
  const two = [{ role: 'system', content: 'one' }, { role: 'system', content: 'two' }, user];
  expect(sent('deepseek-chat')).toEqual(two);
  expect(sent('mistral-large-latest')).toEqual(two);
  expect(sent('openai/gpt-5')).toEqual(messages);
  expect(sent('Qwen/Qwen3-235B')).toEqual([{ role: 'system', content: 'one\n\ntwo' }, user]);
});

const NOTE = '<system>\nx\n</system>';
const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } };

test.each<[string, JsonObject[], JsonObject[string]]>([
  [
    'before the turn it precedes',
    [{ role: 'assistant', content: 'a' }, { role: 'system', content: 'x' }, user],
    `${NOTE}\n\nhi`,
  ],
  [
    'alone where no user spoke',
    [
      { role: 'tool', content: 't' },
      { role: 'system', content: 'x' },
    ],
    NOTE,
  ],
  [
    'beside a picture',
    [
      { role: 'user', content: [picture] },
      { role: 'system', content: 'x' },
    ],
    [picture, { type: 'text', text: NOTE }],
  ],
])('a late system message stands %s', (_where, rest, content) => {
  const seen = seenBy('vllm', { messages: [user, ...rest] })['messages'];
  expect(Array.isArray(seen) && seen.at(-1)).toEqual({ role: 'user', content });
});

test('parts of text become text; parts with an image stay parts', () => {
  const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } };
  const text = { type: 'text', text: 'what is it?' };
  const messages = [
    { role: 'user', content: [text, text] },
    { role: 'user', content: [text, image] },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
    },
  ];
  expect(seenBy('ollama', { messages })['messages']).toEqual([
    { role: 'user', content: 'what is it?\nwhat is it?' },
    messages[1],
    messages[2],
  ]);
});

test('Ollama ignores tool_choice, so for none it receives no tools', () => {
  expect(seenBy('ollama', { messages: [user], tools: [tool('a')], tool_choice: 'none' })).toEqual({
    messages: [user],
  });
  const auto = { messages: [user], tools: [tool('a')], tool_choice: 'auto' };
  expect(seenBy('ollama', auto)).toEqual(auto);
});

test('Ollama has fewer levels of effort', () => {
  expect(seenBy('ollama', { reasoning_effort: 'xhigh' })).toEqual({ reasoning_effort: 'high' });
  expect(seenBy('ollama', { reasoning_effort: 'none' })).toEqual({ reasoning_effort: 'none' });
});

test.each(['vllm', 'sglang', 'tgi', 'generic'] as const)(
  '%s refuses an empty tool list, so it sees none',
  (name) => {
    expect(seenBy(name, { messages: [user], tools: [], tool_choice: 'auto' })).toEqual({
      messages: [user],
    });
  },
);

test('LM Studio takes a named tool as the only one, required', () => {
  const tools = [tool('a'), tool('b')];
  const choice = { type: 'function', function: { name: 'b' } };
  expect(seenBy('lm-studio', { tools, tool_choice: choice })).toEqual({
    tools: [tool('b')],
    tool_choice: 'required',
  });
});

test('LM Studio takes "some JSON" as a schema', () => {
  const seen = seenBy('lm-studio', { response_format: { type: 'json_object' } })['response_format'];
  expect(isObject(seen) && seen['type']).toBe('json_schema');
});

test('TGI takes stop as a list and schemas as values, and no logit_bias', () => {
  const format = { type: 'json_schema', json_schema: { name: 'n', schema, strict: true } };
  expect(seenBy('tgi', { stop: 'x', response_format: format, logit_bias: { '1': 2 } })).toEqual({
    stop: ['x'],
    response_format: { type: 'json_schema', value: schema },
  });
  expect(seenBy('tgi', { response_format: { type: 'json_object' } })).toEqual({
    response_format: { type: 'json_schema', value: { type: 'object' } },
  });
});

test('a URL identifies a cloud, but not a local server', () => {
  expect(dialectFor('cloud', new URL('https://api.openai.com/v1'))).toBe('openai');
  expect(dialectFor('cloud', new URL('https://openrouter.ai/api/v1'))).toBe('openai-compatible');
  expect(dialectFor('local', new URL('http://127.0.0.1:11434/v1'))).toBe('generic');
});

test('every dialect can chat', () => {
  for (const name of dialectNames) expect(dialects[name].capabilities.has('chat'), name).toBe(true);
});

const VLLM_ID = 'chatcmpl-tool-7d1f0c52a49b4e6f8830c6d2e9f1ab47';

function callTurns(id: string): JsonObject[] {
  const call = { id, type: 'function', function: { name: 'f', arguments: '{}' } };
  return [
    user,
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: id, content: '4' },
  ];
}

/** The call's id and its result's. */
function idsIn(messages: JsonObject[string]): unknown[] {
  const found = /"id":"(.*?)".*"tool_call_id":"(.*?)"/.exec(JSON.stringify(messages));
  return [found?.[1], found?.[2]];
}

test.each([
  ['openai', 'any', VLLM_ID, /^call_[0-9a-f]{24}$/],
  ['openai-compatible', 'openai/gpt-4.1', VLLM_ID, /^call_[0-9a-f]{24}$/],
  ['openai-compatible', 'claude-sonnet', 'functions.weather:0', /^call_[0-9a-f]{24}$/],
  ['openai-compatible', 'mistral-large', VLLM_ID, /^[0-9a-f]{9}$/],
  ['vllm', 'Mistral-Small', 'call_9aXb', /^[0-9a-f]{9}$/],
] as const)('%s with %s gets an id that it takes for %s', (name, model, id, pattern) => {
  const [call, result] = idsIn(seenBy(name, { messages: callTurns(id) }, model)['messages']);
  expect(call).toMatch(pattern);
  expect(result).toBe(call);
});

test.each([
  ['openai', 'gpt-4o', 'call_0123456789abcdefghijklmn'],
  ['openai-compatible', 'kimi-k3', 'functions.weather:0'],
  ['openai-compatible', 'any', VLLM_ID],
  ['openai-compatible', 'mistral-large', 'aB3dE6gH9'],
] as const)('%s with %s gets %s as it is', (name, model, id) => {
  const body = { messages: callTurns(id) };
  expect(rewriteAll(dialects[name].rewrites, body, model)).toBeUndefined();
});

test('Gemini, where the gateway chose it, is sent no members of OpenAI accounts', () => {
  const body = { store: true, metadata: { a: 'b' }, temperature: 1, top_k: 40 };
  const chosen = (model: string) =>
    rewriteAll(dialects['openai-compatible'].chosenRewrites, body, model);
  expect(chosen('google/gemini-3-pro')).toEqual({ store: undefined, metadata: undefined });
  expect(chosen('llama-4')).toBeUndefined();
});

test('two ids of one conversation stay two', () => {
  const [a] = idsIn(seenBy('openai', { messages: callTurns(`${VLLM_ID}a`) })['messages']);
  const [b] = idsIn(seenBy('openai', { messages: callTurns(`${VLLM_ID}b`) })['messages']);
  expect(a).not.toBe(b);
});
