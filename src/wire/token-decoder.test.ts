import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeTokens } from './token-decoder.ts';

const require = createRequire(import.meta.url);
const { Tiktoken } = require('tiktoken/lite');
const { bpe_ranks: ranks, pat_str: pattern } = require('tiktoken/encoders/cl100k_base.json');
const encoder = new Tiktoken(ranks, {}, pattern);

test('gives back the text that tiktoken made the numbers of', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), (text) => {
      expect(decodeTokens([...encoder.encode_ordinary(text)])).toBe(text);
    }),
  );
});

test.each([[[100_256]], [[-1]], [[1.5]], [[15, 4_294_967_295]]])(
  'knows no token of %j',
  (numbers) => {
    expect(decodeTokens(numbers)).toBeUndefined();
  },
);
