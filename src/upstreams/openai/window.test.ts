import { expect, test } from 'vitest';
import { windowFromTruncation } from './window.ts';

test.each([
  ['a report near the estimate', 9000, 10_000, undefined, undefined],
  ['a tokenizer that needs a third less', 6700, 10_000, undefined, undefined],
  ['no report at all', 0, 10_000, 4096, undefined],
  ['a short prompt, whatever is reported', 10, 400, undefined, undefined],
  ['a prompt cut at 4096', 4096, 10_000, undefined, 4096],
  ['a prompt whose middle was dropped', 30, 10_000, undefined, 2048],
  ['a report just below the window', 7800, 20_000, 32_768, 8192],
  ['a prompt a little above a window that is known', 4096, 5500, 4096, 4096],
  ['a prompt a little below it', 4000, 4200, 4096, undefined],
])('%s', (_name, reported, estimate, known, window) => {
  expect(windowFromTruncation(reported, estimate, known)).toBe(window);
});
