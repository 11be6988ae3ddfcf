import { expect, test } from 'vitest';
import { piiDetector } from '../signals/pii/detector.ts';
import { maskTexts } from './mask-texts.ts';

test('a value has the same placeholder in all of the texts', async () => {
  expect(
    await maskTexts(
      ['I am ana@ejemplo.es', 'Hello ana@ejemplo.es, not bo@exemple.fr'],
      piiDetector(),
    ),
  ).toEqual(['I am <EMAIL_1>', 'Hello <EMAIL_1>, not <EMAIL_2>']);
});

test('what holds nothing personal stays as it is', async () => {
  expect(await maskTexts(['What is the capital of France?', 'Paris.'], piiDetector())).toEqual([
    'What is the capital of France?',
    'Paris.',
  ]);
});

test('where something is still found, nothing is given', async () => {
  const text = String.raw`it printed x\n4111111111111111`;
  expect(piiDetector().kindsIn(text)).not.toEqual([]);
  expect(await maskTexts(['fine', text], piiDetector())).toBeUndefined();
});
