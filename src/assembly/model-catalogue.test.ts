import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Target } from '../core/decision.ts';
import type { Upstream } from '../core/upstream.ts';
import { engineStore } from '../models/engine.ts';
import { modelStore } from '../models/store.ts';
import { llamaCppConfig } from '../upstreams/llama-cpp/config.ts';
import { llamaCppOptions } from '../upstreams/llama-cpp/options.ts';
import { openaiConfig, type OpenaiConfig } from '../upstreams/openai/config.ts';
import { openaiKind } from '../upstreams/openai/index.ts';
import { licenceWarningFor, measuredElsewhere, modelCatalogue } from './model-catalogue.ts';

const local = (model: string) => ({ locality: 'local', model }) as const;
const models = modelCatalogue(
  modelStore({ folder: '/nowhere', hub: 'http://127.0.0.1:1' }),
  engineStore({ folder: '/nowhere', npm: ['npm'] }),
);

describe('a configured local server', () => {
  const upstream = (model: string, more: Partial<OpenaiConfig> = {}): Promise<Upstream> => {
    const server = { name: 'local', url: 'http://127.0.0.1:1/v1', ...local(model), ...more };
    return openaiKind.build(openaiConfig(server), { models, lazy: true });
  };

  test('has at most the window its model was trained for, if no other is known', async () => {
    const small = await upstream('lamini-gpt-774m');
    expect(small.facts().contextTokens).toBe(1024);
    await small.close();
  });

  test('prefers the window of its configuration or its server to that of the model', async () => {
    const told = await upstream('qwen3:4b', { contextTokens: 4000 });
    expect(told.facts().contextTokens).toBe(4000);
    // Ollama starts with 4,096, whatever the model supports.
    const ollama = await upstream('qwen3:4b', { server: 'ollama' });
    expect(ollama.facts().contextTokens).toBe(4096);
    const tiny = await upstream('tinyllama:1.1b', { server: 'ollama' });
    expect(tiny.facts().contextTokens).toBe(2048);
    await Promise.all([told.close(), ollama.close(), tiny.close()]);
  });

  test('is asked for completions only, when its model is a base model', async () => {
    const base = await upstream('EleutherAI/pythia-1.4b');
    expect([...base.facts().capabilities]).toEqual(['text_completion']);
    const told = await upstream('pythia-1.4b', { capabilities: ['chat'] });
    expect([...told.facts().capabilities]).toEqual(['chat']);
    await Promise.all([base.close(), told.close()]);
  });

  test('is unchanged if its model is unknown; so is a cloud', async () => {
    const unknown = await upstream('in-house-7b');
    expect(unknown.facts()).not.toHaveProperty('contextTokens');
    const cloud = await upstream('lamini-gpt-774m', { locality: 'cloud' });
    expect(cloud.facts()).not.toHaveProperty('contextTokens');
    await Promise.all([unknown.close(), cloud.close()]);
  });
});

describe('a local model file', () => {
  const options = (file: string) =>
    llamaCppOptions(llamaCppConfig('local', file), { models, lazy: true });

  test('gets the chat template that it lacks', () => {
    expect(options('/models/LaMini-GPT-774M.Q4_K_M.gguf')).toMatchObject({
      model: 'LaMini-GPT-774M.Q4_K_M',
      modelFile: '/models/LaMini-GPT-774M.Q4_K_M.gguf',
      template: 'alpaca',
    });
    expect(options('/models/MobileLLaMA-1.4B-Chat.gguf').template).toBe('vicuna');
  });

  test('keeps the template that it has', () => {
    const own = options('/models/Qwen2-0_5B-Instruct-Q4_K_M.gguf');
    expect(own).not.toHaveProperty('template');
    expect(own).not.toHaveProperty('capabilities');
  });

  test('of a model without one is asked for completions only', () => {
    const base = options('/models/OpenELM-1_1B-Instruct.gguf');
    expect(base).not.toHaveProperty('template');
    expect(base.capabilities).toEqual(['text_completion']);
  });
});

test('a model of the catalogue is served with the settings of its row', () => {
  const config = { ...llamaCppConfig('local', 'qwen3-1.7b'), gpuLayers: 8 };
  const options = llamaCppOptions(config, { models, lazy: false });
  expect(options).toMatchObject({
    model: 'qwen3-1.7b',
    modelDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    template: 'chatml-no-think',
    sampling: { temperature: 0.7 },
    gpu: 'auto',
    gpuLayers: 8,
    lazy: false,
  });
});

test('a model that is not here yet is announced once, however often it is asked for', async () => {
  const said: string[] = [];
  const away = modelCatalogue(
    modelStore({ folder: join(import.meta.filename, 'no-folder'), hub: 'http://127.0.0.1:1' }),
    engineStore({ folder: '/nowhere', npm: ['npm'] }),
    (line) => said.push(line),
  );
  for (let asked = 0; asked < 2; asked += 1)
    await expect(away.file('qwen3-1.7b')).rejects.toThrow();
  expect(said).toEqual([expect.stringMatching(/^qwen3-1\.7b is not here yet.*\(1\.11 GB\)/)]);
});

test('a limit of its configuration stands before that of its row', () => {
  const config = llamaCppConfig('local', 'tinyllama-1.1b-chat');
  expect(llamaCppOptions(config, { models, lazy: true }).maxOutputTokens).toBe(512);
  const told = llamaCppOptions({ ...config, maxOutputTokens: 64 }, { models, lazy: true });
  expect(told.maxOutputTokens).toBe(64);
});

test('a licence that forbids something is shown at the start, for local models only', () => {
  expect(licenceWarningFor(local('qwen2.5:3b'))).toContain('not for commercial use');
  expect(licenceWarningFor(local('qwen3:4b'))).toBeUndefined();
  expect(licenceWarningFor({ locality: 'cloud', model: 'qwen2.5:3b' })).toBeUndefined();
});

test('energy measured elsewhere is used for targets that no meter of this machine covers', () => {
  const target: Target = {
    tier: 'small',
    upstream: 'rack',
    model: 'meta-llama/Llama-3.1-8B-Instruct',
    locality: 'local',
  };
  expect(measuredElsewhere(() => false)(target)).toMatchObject({ low: 0.0467, high: 0.4548 });
  expect(measuredElsewhere(() => true)(target)).toBeUndefined();
  expect(measuredElsewhere(() => false)({ ...target, model: 'qwen3:4b' })).toBeUndefined();
});
