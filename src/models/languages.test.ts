import { expect, test } from 'vitest';
import { languagesOf } from './languages.ts';
import { REFERENCE_MODELS, referenceModels } from './reference.ts';

test.each([
  ['tinyllama-1.1b-chat', ['en']],
  ['smollm2-135m-instruct', ['en']],
  ['smollm3-3b', ['en', 'fr', 'es', 'de', 'it', 'pt']],
  ['llama3.2:1b', ['en', 'de', 'fr', 'it', 'pt', 'hi', 'es', 'th']],
  ['qwen3:4b', undefined],
  ['qwen2:7b', undefined],
  ['phi3.5:3.8b', undefined],
])('%s was made for %j', (name, codes) => {
  const model = referenceModels()(name);
  expect(model && languagesOf(model)).toEqual(codes);
});

test('every language that a card lists has its code', () => {
  const listed = REFERENCE_MODELS.filter(({ languages }) => !/\d/.test(languages));
  for (const model of listed) expect([model.name, languagesOf(model)]).not.toContain(undefined);
});
