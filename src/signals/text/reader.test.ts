import { expect, test } from 'vitest';
import { featuresOf } from '../../../test/support/features.ts';
import { sample, taskInContext, taskReader } from './reader.ts';

test('"yes" is read with the message before it, a full sentence without', () => {
  const question = 'Can you write a Python function for me?';
  const assistant = { role: 'assistant', text: 'Shall I?' } as const;
  expect(taskInContext(featuresOf(question, assistant, 'yes'))).toContain(question);
  const sentence = 'Thank you, that is all I wanted to know today.';
  expect(taskInContext(featuresOf(question, assistant, sentence))).toBe(sentence);
  expect(taskInContext(featuresOf('sí'))).toBe('sí');
});

test('of a long text both ends are read and no more', () => {
  const long = `start ${'x'.repeat(1_000_000)} end`;
  const read = sample(long, 2000);
  expect(read.length).toBeLessThanOrEqual(2001);
  expect(read.startsWith('start')).toBe(true);
  expect(read.endsWith('end')).toBe(true);
});

test('a request is read once for all signals', () => {
  const read = taskReader();
  const features = featuresOf('Where is my order?');
  expect(read(features)).toBe(read(features));
  expect(read(featuresOf('Where is my order?'))).not.toBe(read(features));
});
