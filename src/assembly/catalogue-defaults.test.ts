import { describe, expect, test } from 'vitest';
import type { Target } from '../core/decision.ts';
import { openaiUpstream } from '../upstreams/openai/upstream.ts';
import {
  defaultsForFile,
  defaultsForServer,
  measuredElsewhere,
  licenceWarningFor,
} from './catalogue-defaults.ts';

const local = (model: string) => ({ locality: 'local', model }) as const;

describe('a configured local server', () => {
  const upstream = (model: string, more: object = {}) =>
    openaiUpstream({
      name: 'local',
      locality: 'local',
      url: 'http://127.0.0.1:1/v1',
      model,
      ...defaultsForServer(local(model)),
      ...more,
    });

  test('has no larger a window than its model was trained for, where nobody says', async () => {
    const small = upstream('lamini-gpt-774m');
    expect(small.facts().contextTokens).toBe(1024);
    await small.close();
  });

  test('has the window that its configuration or its kind gives it before the model', async () => {
    const told = upstream('qwen3:4b', { contextTokens: 4000 });
    expect(told.facts().contextTokens).toBe(4000);
    // Ollama starts with 4,096, whatever the model could do.
    const ollama = upstream('qwen3:4b', { dialect: 'ollama' });
    expect(ollama.facts().contextTokens).toBe(4096);
    const tiny = upstream('tinyllama:1.1b', { dialect: 'ollama' });
    expect(tiny.facts().contextTokens).toBe(2048);
    await Promise.all([told.close(), ollama.close(), tiny.close()]);
  });

  test('is asked for completions only, when its model is a base model', async () => {
    const base = upstream('EleutherAI/pythia-1.4b');
    expect([...base.facts().capabilities]).toEqual(['text_completion']);
    await base.close();
    expect(defaultsForServer({ ...local('pythia-1.4b'), capabilities: ['chat'] })).toEqual({
      trainedContextTokens: 2048,
    });
  });

  test('with a model that is not known is left as it is; so is a cloud', () => {
    expect(defaultsForServer(local('in-house-7b'))).toEqual({});
    expect(defaultsForServer({ locality: 'cloud', model: 'tinyllama:1.1b' })).toEqual({});
  });
});

describe('a file of one’s own', () => {
  test('gets the chat template that it lacks', () => {
    expect(defaultsForFile(local('/models/LaMini-GPT-774M.Q4_K_M.gguf'))).toEqual({
      template: 'alpaca',
    });
    expect(defaultsForFile(local('/models/MobileLLaMA-1.4B-Chat.gguf'))).toEqual({
      template: 'vicuna',
    });
  });

  test('keeps the template that it has', () => {
    expect(defaultsForFile(local('/models/Qwen2-0_5B-Instruct-Q4_K_M.gguf'))).toEqual({});
  });

  test('of a model without one is asked for completions only', () => {
    const expected = { capabilities: ['text_completion'] };
    expect(defaultsForFile(local('/models/OpenELM-1_1B-Instruct.gguf'))).toEqual(expected);
  });
});

test('a licence that forbids something is said at the start, of local models alone', () => {
  expect(licenceWarningFor(local('qwen2.5:3b'))).toContain('not for commercial use');
  expect(licenceWarningFor(local('qwen3:4b'))).toBeUndefined();
  expect(licenceWarningFor({ locality: 'cloud', model: 'qwen2.5:3b' })).toBeUndefined();
});

test('what a model took elsewhere counts where no meter of this machine sees it', () => {
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
