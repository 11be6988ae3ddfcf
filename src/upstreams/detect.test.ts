import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { patient } from '../../test/support/ask-upstream.ts';
import type { JsonObject } from '../lib/json.ts';
import { detectLocalServer, localHosts } from './detect.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A server that answers JSON (or text, or never) by path. */
async function portOf(
  answers: Readonly<Record<string, JsonObject | string>>,
  hangs = false,
): Promise<number> {
  const server = createServer((request, response) => {
    if (hangs) return;
    const answer = answers[request.url ?? ''];
    if (answer === undefined) response.writeHead(404, { 'content-type': 'text/plain' }).end('404');
    else response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  open.push({
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  });
  // `address()` is a string only for pipes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (server.address() as AddressInfo).port;
}

/** A slow machine may take its time: only silence wants the limit of a start. */
const limitMs = 60_000;
const detect = (...ports: readonly number[]) =>
  detectLocalServer({ ports, limitMs, abort: patient });

test('Ollama: the loaded model, its window, and no embedding model', async () => {
  const port = await portOf({
    '/api/version': { version: '0.32.3' },
    '/api/tags': {
      models: [{ name: 'nomic-embed-text:latest' }, { name: 'qwen3:4b' }, { name: 'llama3.2:3b' }],
    },
    '/api/ps': { models: [{ name: 'llama3.2:3b', context_length: 8192 }] },
    '/api/show': { capabilities: ['completion', 'tools'], parameters: 'num_ctx    2048' },
  });
  expect(await detect(port)).toEqual({
    dialect: 'ollama',
    url: `http://127.0.0.1:${port}/v1`,
    model: 'llama3.2:3b',
    models: ['nomic-embed-text:latest', 'qwen3:4b', 'llama3.2:3b'],
    contextTokens: 8192,
  });
});

test('Ollama: the window that its file sets, for a model that is not loaded', async () => {
  const port = await portOf({
    '/api/version': { version: '0.9.0' },
    '/api/tags': { models: [{ name: 'qwen3:4b' }] },
    '/api/ps': { models: [] },
    '/api/show': { parameters: 'stop "<|im_end|>"\nnum_ctx                        16384' },
  });
  expect(await detect(port)).toMatchObject({ model: 'qwen3:4b', contextTokens: 16_384 });
});

test('Ollama without a chat model is not used', async () => {
  const port = await portOf({
    '/api/version': { version: '0.9.0' },
    '/api/tags': { models: [{ name: 'mxbai-embed-large' }] },
    '/api/ps': { models: [] },
  });
  expect(await detect(port)).toBeUndefined();
});

test('llama.cpp: the window of one slot', async () => {
  const port = await portOf({
    '/props': { total_slots: 2, default_generation_settings: { n_ctx: 4096 } },
    '/v1/models': { data: [{ id: 'gemma-3-1b.gguf', owned_by: 'llamacpp' }] },
  });
  expect(await detect(port)).toMatchObject({
    dialect: 'llama-cpp-server',
    model: 'gemma-3-1b.gguf',
    contextTokens: 4096,
  });
});

test('LM Studio: loaded models first', async () => {
  const port = await portOf({
    '/api/v0/models': {
      data: [
        { id: 'text-embedding-nomic', type: 'embeddings', state: 'loaded' },
        { id: 'a', type: 'llm', state: 'not-loaded', max_context_length: 32_768 },
        { id: 'b', type: 'vlm', state: 'loaded', loaded_context_length: 4096 },
      ],
    },
  });
  expect(await detect(port)).toMatchObject({
    dialect: 'lm-studio',
    model: 'b',
    contextTokens: 4096,
  });
});

test('LM Studio since 0.4: the window of the loaded instance, not its maximum', async () => {
  const port = await portOf({
    '/api/v1/models': {
      models: [
        { type: 'embedding', key: 'nomic', loaded_instances: [{ id: 'nomic' }] },
        { type: 'llm', key: 'a', loaded_instances: [], max_context_length: 131_072 },
        {
          type: 'llm',
          key: 'google/gemma-3-4b',
          loaded_instances: [{ id: 'g', config: { context_length: 8192 } }],
          max_context_length: 131_072,
          capabilities: { vision: true },
        },
      ],
    },
  });
  expect(await detect(port)).toMatchObject({
    dialect: 'lm-studio',
    model: 'google/gemma-3-4b',
    contextTokens: 8192,
  });
});

test.each(['vllm', 'sglang'] as const)('%s signs its model list', async (owner) => {
  const port = await portOf({
    '/v1/models': { data: [{ id: 'org/m', owned_by: owner, max_model_len: 40_960 }] },
  });
  expect(await detect(port)).toMatchObject({
    dialect: owner,
    model: 'org/m',
    contextTokens: 40_960,
  });
});

test('an open port is no model server: other JSON, other pages, refused', async () => {
  const others = await Promise.all([
    portOf({
      '/v1/models': { data: [{ id: 'x', owned_by: 'somebody' }] },
      '/api/version': { version: '1' },
    }),
    portOf({
      '/api/version': '<html>',
      '/props': '[]',
      '/v1/models': '"x"',
      '/api/v0/models': '{}',
    }),
  ]);
  const dead = await portOf({});
  open.pop()?.close();
  expect(await detect(...others, dead)).toBeUndefined();
});

test('a server that stays silent is no longer waited for than the limit', async () => {
  const port = await portOf({}, true);
  expect(await detectLocalServer({ ports: [port], abort: patient })).toBeUndefined();
});

test('of several servers the one at the first port is taken', async () => {
  const llama = {
    '/props': { default_generation_settings: { n_ctx: 1 } },
    '/v1/models': { data: [{ id: 'l' }] },
  };
  const [first, second] = [await portOf(llama), await portOf(llama)];
  expect((await detect(first, second))?.url).toContain(String(first));
  expect((await detect(second, first))?.url).toContain(String(second));
});

test('an abort ends the search with undefined and does not throw', async () => {
  const port = await portOf({}, true);
  expect(await detectLocalServer({ ports: [port], abort: AbortSignal.abort() })).toBeUndefined();
});

test('another host than this one is asked where it is named', async () => {
  const port = await portOf({
    '/api/version': { version: '0.32.3' },
    '/api/tags': { models: [{ name: 'qwen3:4b' }] },
  });
  const hosts = ['no-such-host.invalid', 'localhost'];
  const found = await detectLocalServer({ hosts, ports: [port], limitMs, abort: patient });
  expect(found?.url).toBe(`http://localhost:${port}/v1`);
});

test('hosts come from SMALLFIRST_LOCAL_HOSTS, and what is no name is said', () => {
  expect(localHosts({})).toBeUndefined();
  expect(localHosts({ SMALLFIRST_LOCAL_HOSTS: '' })).toBeUndefined();
  expect(localHosts({ SMALLFIRST_LOCAL_HOSTS: 'ollama, 127.0.0.1,[::1]' })).toEqual([
    'ollama',
    '127.0.0.1',
    '[::1]',
  ]);
  expect(() => localHosts({ SMALLFIRST_LOCAL_HOSTS: 'http://ollama:11434' })).toThrow(
    /'http:\/\/ollama:11434' is no host name; write names/,
  );
});
