import { describe, expect, test } from 'vitest';
import { downloads, findDownload } from './downloads.ts';
import { howToUse, licenceWarning, measuredRange, operationsOf } from './reference-model.ts';
import { REFERENCE_MODELS, referenceModels } from './reference.ts';

const find = referenceModels();

describe('a name', () => {
  test.each([
    ['qwen3:4b', 'qwen3-4b'],
    ['qwen3:4b-instruct-q4_K_M', 'qwen3-4b'],
    ['Qwen/Qwen3-4B-Instruct-2507', 'qwen3-4b-2507'],
    ['llama3.1:8b', 'llama-3.1-8b'],
    ['meta-llama/Meta-Llama-3.1-8B-Instruct', 'llama-3.1-8b'],
    ['llama3.2:1b-instruct-q8_0', 'llama-3.2-1b'],
    ['Qwen2-0_5B-Instruct-Q4_K_M.gguf', 'qwen2-0.5b'],
    ['Qwen2.5-7B-Instruct-AWQ', 'qwen2.5-7b'],
    ['hf.co/someone/Phi-3.5-mini-instruct-GGUF:Q4_K_M', 'phi-3.5-mini'],
    ['qwen/qwen3-4b@q4_k_m', 'qwen3-4b'],
    ['/models/pythia-160m.IQ4_XS.gguf', 'pythia-160m'],
    ['gemma3:4b-it-qat', 'gemma-3-4b'],
    ['mistral-nemo:latest', 'mistral-nemo-12b'],
    ['mistralai/Mistral-Nemo-Instruct-2407', 'mistral-nemo-12b'],
    ['apple/OpenELM-1_1B-Instruct', 'openelm-1.1b'],
    ['openbmb/MiniCPM-2B-sft-bf16', 'minicpm-2b'],
    ['tensoropera/Fox-1-1.6B-Instruct-v0.1', 'fox-1-1.6b'],
  ])('such as %s is found as %s', (name, expected) => {
    expect(find(name)?.name).toBe(expected);
  });

  test.each([
    ['another model of the family', 'qwen3-coder:4b'],
    ['another kind of the same size', 'Qwen3-4B-Thinking-2507'],
    ['a model made out of it', 'deepseek-r1-distill-llama:8b'],
    ['a family without a size', 'llama3.1'],
    ['a cloud model', 'gpt-4o'],
    ['nothing', ''],
  ])('of %s (%s) is not taken for it', (_what, name) => {
    expect(find(name)).toBeUndefined();
  });
});

describe.each(REFERENCE_MODELS.map((model) => [model.name, model] as const))(
  '%s',
  (_name, model) => {
    test('is found by each of its names', () => {
      const { name, repository, ollamaTag = name, download = name, aliases = [] } = model;
      for (const called of [name, repository, ollamaTag, download, ...aliases]) {
        expect(find(called)?.name, called).toBe(name);
      }
    });

    test('has a source, and says how it is used or why it cannot be', () => {
      expect(model.sources.length).toBeGreaterThan(0);
      for (const source of model.sources) expect(source).toMatch(/^https:\/\//);
      const isServed = model.servers.llamaCpp || model.servers.vllm;
      expect(isServed).toBe(model.unservable === undefined);
      expect(operationsOf(model).length > 0).toBe(isServed);
      expect(howToUse(model)).toContain(
        isServed ? (model.download ?? model.repository) : 'cannot be served',
      );
    });

    test('is a base model only without a chat template', () => {
      if (model.kind === 'base') expect(model.template).toBeNull();
    });
  },
);

test('names are unique', () => {
  const names = REFERENCE_MODELS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('every model that can be fetched is known, with its licence and window', () => {
  for (const { name, licence, trainedContextTokens, parametersB } of downloads) {
    const known = REFERENCE_MODELS.find(({ download }) => download === name);
    expect(known?.licence.name, name).toBe(licence);
    expect(known?.parametersB, name).toBeCloseTo(parametersB, 1);
    // Qwen3 was trained for 32k plus the answer: its files state 40k.
    expect(Math.abs(known!.contextTokens - trainedContextTokens), name).toBeLessThanOrEqual(8192);
  }
});

test('a licence with restrictions gives a warning, one without gives none', () => {
  expect(licenceWarning(find('qwen2.5:3b')!)).toBe(
    'Qwen2.5 3B Instruct: its licence (Qwen Research) is not for commercial use: research and evaluation only.',
  );
  expect(licenceWarning(find('gemma2:2b')!)).toContain('has conditions');
  expect(licenceWarning(find('qwen3:4b')!)).toBeUndefined();
});

test('measured energy names its hardware; without a measurement there is none', () => {
  const range = measuredRange(find('llama3.1:8b')!);
  expect(range).toMatchObject({ low: 0.0467, high: 0.4548 });
  expect(range?.source).toContain('H100');
  expect(measuredRange(find('qwen3:4b')!)).toBeUndefined();
});

test('a known model that cannot be fetched is refused with how else to get it', () => {
  expect(() => findDownload('llama3.1:8b')).toThrow(/ollama pull llama3.1:8b.*GGUF/);
  expect(() => findDownload('dclm-1b')).toThrow(/cannot be served: its architecture/);
  expect(() => findDownload('TinyLlama/TinyLlama-1.1B-Chat-v1.0')).toThrow(/fetched as "tinyllama/);
  expect(() => findDownload('qwen3-1.7')).toThrow(/qwen3-1.7b/);
});
