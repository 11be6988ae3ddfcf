import { expect, test } from 'vitest';
import type { Capability } from '../../core/signal.ts';
import { begin, failure, hi, patient, rest, send } from '../../../test/support/ask-upstream.ts';
import { openaiHarness } from '../../../test/support/openai-harness.ts';

const { rig } = openaiHarness();

test('a silently truncated prompt is an error, and its window is remembered', async () => {
  const { upstream } = await rig(
    { behaviour: () => ({ kind: 'answer', usage: { prompt: 4000, completion: 3 } }) },
    { locality: 'local', dialect: 'ollama', contextTokens: 32_768 },
  );
  const long = hi('The quick brown fox jumps over the lazy dog. '.repeat(2000));
  expect((await failure(send(upstream, long))).attemptCause).toBe('context_overflow');
  expect(upstream.facts().contextTokens).toBe(4096);
});

test('a stream with a truncated prompt leaves its window for the next request', async () => {
  const { upstream } = await rig(
    { behaviour: () => ({ kind: 'answer', usage: { prompt: 8000, completion: 3 } }) },
    { locality: 'local', dialect: 'ollama', contextTokens: 32_768 },
  );
  const long = hi('The quick brown fox jumps over the lazy dog. '.repeat(2000), { stream: true });
  expect((await rest(await begin(upstream, long))).at(-1)?.done).toBe(true);
  expect(upstream.facts().contextTokens).toBe(8192);
});

test.each([
  {
    params: { post_sampling_probs: false },
    without: [],
    can: { logprobs: true, embeddings: true },
  },
  { params: {}, without: ['/embeddings'], can: { logprobs: false, embeddings: false } },
])('a probe asks llama.cpp what it was built and started with: $can', async (server) => {
  const settings = { n_ctx: 4096, params: server.params };
  const { upstream } = await rig(
    {
      routes: { 'GET /props': { default_generation_settings: settings } },
      without: server.without,
    },
    { locality: 'local', dialect: 'llama-cpp-server' },
  );
  await upstream.probe(patient);
  const { capabilities } = upstream.facts();
  for (const [name, can] of Object.entries(server.can))
    expect([...capabilities].includes(name as Capability), name).toBe(can);
});

test.each([
  { prompt: 'system: probe_tool({})\nuser: a', tools: true },
  { prompt: 'user: a', tools: false },
  { prompt: undefined, tools: true },
])('a template of llama.cpp that leaves tools out can do none: $prompt', async (server) => {
  const { prompt, tools } = server;
  const { upstream } = await rig(
    {
      routes: {
        'GET /props': { default_generation_settings: { n_ctx: 4096 } },
        ...(prompt === undefined ? {} : { 'POST /apply-template': { prompt } }),
      },
    },
    { locality: 'local', dialect: 'llama-cpp-server' },
  );
  await upstream.probe(patient);
  const { capabilities } = upstream.facts();
  expect([capabilities.has('tools'), capabilities.has('tool_choice')]).toEqual([tools, tools]);
});

test('what a probe found out stays when a later one gets no answer to it', async () => {
  let isBusy = false;
  const { upstream } = await rig(
    {
      routes: { 'GET /props': { default_generation_settings: { n_ctx: 4096 } } },
      behaviour: ({ path }) =>
        isBusy && path === '/v1/embeddings' ? { kind: 'error', status: 503 } : undefined,
    },
    { locality: 'local', dialect: 'llama-cpp-server' },
  );
  await upstream.probe(patient);
  isBusy = true;
  await upstream.probe(patient);
  expect([...upstream.facts().capabilities]).toContain('embeddings');
});

test('a probe reports the server, its dialect and its window', async () => {
  const { upstream } = await rig(
    {
      routes: {
        'GET /props': {
          default_generation_settings: { n_ctx: 6144 },
          modalities: { vision: true },
        },
      },
    },
    { locality: 'local', model: 'mock-model' },
  );
  const canDo = () => upstream.facts().capabilities;
  expect([canDo().has('vision'), canDo().has('token_input')]).toEqual([false, false]);
  expect(await upstream.probe(patient)).toEqual({
    ok: true,
    detail: 'llama-cpp-server, 1 model, window 6144 tokens',
  });
  expect(upstream.facts()).toMatchObject({ contextTokens: 6144, models: ['mock-model'] });
  // The first from the model's own facts, the second from the dialect: "generic" lacks it.
  expect([canDo().has('vision'), canDo().has('token_input')]).toEqual([true, true]);
});

test.each([
  ['mock-model', {}],
  ['mock-modle', { unlisted: 'mock-modle' }],
])('a probe tells whether the server lists %s', async (model, told) => {
  const { upstream } = await rig({}, { locality: 'cloud', model });
  const { detail: _, ...result } = await upstream.probe(patient);
  expect(result).toEqual({ ok: true, ...told });
});

test('a probe of a server that rejects the key, or is absent, reports it and does not throw', async () => {
  const { mock, upstream } = await rig({ apiKey: 'secret' }, { apiKey: 'wrong' });
  expect(await upstream.probe(patient)).toMatchObject({
    ok: false,
    detail: expect.stringContaining('Incorrect API key provided.'),
    fault: { cause: 'auth' },
  });
  await mock.close();
  expect(await upstream.probe(patient)).toMatchObject({
    ok: false,
    fault: { cause: 'unreachable', words: 'connection refused' },
  });
});

test('a declared window larger than the server’s is not used', async () => {
  const { upstream } = await rig(
    { routes: { 'GET /props': { default_generation_settings: { n_ctx: 4096 } } } },
    { locality: 'local', dialect: 'llama-cpp-server', contextTokens: 32_768 },
  );
  expect(upstream.facts().contextTokens).toBe(32_768);
  await upstream.probe(patient);
  expect(upstream.facts().contextTokens).toBe(4096);
});

test('a probe of Ollama reads the digest of the requested model only', async () => {
  const tags = [
    { name: 'other:latest', digest: 'bbb' },
    { name: 'mock-model:latest', digest: 'aaa' },
  ];
  const routes = {
    'GET /api/version': { version: '0.32.3' },
    'GET /api/tags': { models: tags },
    'GET /api/ps': { models: [] },
    'POST /api/show': {},
  };
  const { upstream } = await rig({ routes }, { locality: 'local', model: 'mock-model' });
  expect(upstream.facts().modelDigest).toBeUndefined();
  await upstream.probe(patient);
  expect(upstream.facts().modelDigest).toBe('sha256:aaa');
});
