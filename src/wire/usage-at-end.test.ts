import { expect, test } from 'vitest';
import { usageAtEnd } from './usage-at-end.ts';

const usage = { input_tokens: 5, input_tokens_details: { image_tokens: 4 } };

test.each([
  ['the end of a long body', `AAAA"}], "usage" : ${JSON.stringify(usage)}}`],
  ['a whole body', JSON.stringify({ data: [], usage, size: '1x1' })],
  ['the last event of a stream', `data: {"usage":null}\n\ndata: ${JSON.stringify({ usage })}\n\n`],
])('is read in %s', (_where, text) => {
  expect(usageAtEnd(text)).toEqual(usage);
});

test.each([
  '',
  'ID3\u0000\u0004',
  '{"usage":null}',
  '{"usage":{"a":',
  '{"usage":{oops}}',
  '"usage"',
])('is not read in %j', (text) => {
  expect(usageAtEnd(text)).toBeUndefined();
});
