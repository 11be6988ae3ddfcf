import { expect, test } from 'vitest';
import { isMadeForEnglish } from './start-lines.ts';

test.each([
  ['tinyllama-1.1b-chat', true],
  ['smollm2-135m-instruct', true],
  ['qwen3-1.7b', false],
  ['in-house-7b', false],
])('whether %s is made for English alone: %s', (model, is) => {
  expect(isMadeForEnglish(model)).toBe(is);
});
