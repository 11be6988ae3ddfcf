import { expect, test } from 'vitest';
import { createUpstream } from './index.ts';

const name = 'x';

test('each kind is built by its own factory, and asks or loads nothing until it is used', async () => {
  const made = await Promise.all([
    createUpstream('openai', { name, locality: 'cloud', url: 'http://127.0.0.1:1/v1', model: 'm' }),
    createUpstream('llama-cpp', { name, model: 'm', modelFile: '/nowhere/m.gguf', lazy: true }),
  ]);
  expect(made.map(({ kind, locality }) => `${kind} ${locality}`)).toEqual([
    'openai cloud',
    'llama-cpp local',
  ]);
  await Promise.all(made.map((upstream) => upstream.close()));
});
