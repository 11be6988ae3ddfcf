import { expect, test } from 'vitest';
import { featuresOf } from '../../test/support/features.ts';
import { stakes } from './stakes.ts';
import { taskReader } from './text/reader.ts';

const signal = stakes(taskReader());
const read = (text: string) => signal.evaluate(featuresOf(text), new AbortController().signal);

test.each([
  ['medical', 'Is it dangerous to take fluoxetine with tramadol?'],
  ['self-harm', 'I want to kill myself'],
  ['self-harm', 'quiero morirme'],
  ['self-harm', 'Ich möchte nicht mehr leben'],
  ['money', 'Transfer 5000 to this account'],
  ['production', 'Drop the orders table in production'],
])('%s is at stake in "%s"', (kind, text) => {
  const reading = read(text);
  expect(reading).toMatchObject({ kind: 'score', value: kind });
  expect('score' in reading ? reading.score : 0).toBeGreaterThanOrEqual(0.5);
});

test.each([
  'kill the process',
  'the process was killed',
  'Where is my order?',
  'hi',
  'What is the capital of France?',
  'reverse a string',
  '',
])('nothing is at stake in "%s"', (text) => {
  const reading = read(text);
  expect('score' in reading ? reading.score : 1).toBeLessThan(0.5);
});

test('the reason says what is at stake and quotes nothing', () => {
  expect(JSON.stringify(read('I want to kill myself, says Zanzibarquux'))).not.toMatch(/Zanzibar/i);
});
