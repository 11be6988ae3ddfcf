import { expect, test } from 'vitest';
import type { ModelCatalogue } from '../core/model-catalogue.ts';
import { kindOf } from '../core/upstream-kind.ts';
import { upstreamKinds } from './index.ts';
import { llamaCppConfig } from './llama-cpp/config.ts';
import { openaiConfig } from './openai/config.ts';

const models: ModelCatalogue = {
  find: () => undefined,
  servable: (name) => expect.fail(`${name} is a file`),
  file: (name) => expect.fail(`${name} is a file`),
  engine: () => expect.fail('the engine is not needed'),
};

test('each kind builds its own upstream, and connects to or loads nothing until it is used', async () => {
  const url = 'http://127.0.0.1:1/v1';
  const configured = [
    openaiConfig({ name: 'x', locality: 'cloud', url, model: 'm' }),
    llamaCppConfig('x', '/nowhere/m.gguf'),
  ];
  const made = await Promise.all(
    configured.map((one) => kindOf(upstreamKinds, one).build(one, { models, lazy: true })),
  );
  expect(made.map(({ kind, locality }) => `${kind} ${locality}`)).toEqual([
    'openai cloud',
    'llama-cpp local',
  ]);
  await Promise.all(made.map((upstream) => upstream.close()));
});

test('a configuration that was loaded with another kind gives a clear error', () => {
  const [openai] = upstreamKinds;
  expect(() => kindOf([openai!], { kind: 'llama-cpp' })).toThrow(
    'No kind of upstream is called llama-cpp: give the kinds that the configuration was loaded with.',
  );
});
