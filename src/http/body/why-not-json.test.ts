import { expect, test } from 'vitest';
import { whyNotJson } from './why-not-json.ts';

test.each([
  ['', 'It is empty.'],
  ['{"a": 1', 'It ends before it is complete.'],
  ['{"a": "b', 'It ends before it is complete.'],
  ['{"a": tr', 'It ends before it is complete.'],
  ['[1, -', 'It ends before it is complete.'],
  ['{"a": "\\u00', 'It ends before it is complete.'],
  ['hello', 'The mistake is at position 0 (line 1 column 1).'],
  [
    "'{}'",
    'The mistake is at position 0 (line 1 column 1). Names and strings stand in double quotes: ".',
  ],
  [
    "{'a': 1}",
    'The mistake is at position 1 (line 1 column 2). Names and strings stand in double quotes: ".',
  ],
  ['{a: 1}', 'The mistake is at position 1 (line 1 column 2). Names stand in double quotes: ".'],
  [
    '{"a": “b”}',
    'The mistake is at position 6 (line 1 column 7). Names and strings stand in double quotes: ".',
  ],
  [
    '{"a": [1, 2,]}',
    'The mistake is at position 12 (line 1 column 13). Leave out the comma before it.',
  ],
  ['{"a": 1, }', 'The mistake is at position 9 (line 1 column 10). Leave out the comma before it.'],
  [
    '{"a": True}',
    'The mistake is at position 6 (line 1 column 7). Write true, false or null; NaN and Infinity are no JSON.',
  ],
  [
    '[1, NaN]',
    'The mistake is at position 4 (line 1 column 5). Write true, false or null; NaN and Infinity are no JSON.',
  ],
  [
    '{"a": 1} // b',
    'The mistake is at position 9 (line 1 column 10). The JSON had ended before it.',
  ],
  ['[1 /* b */]', 'The mistake is at position 3 (line 1 column 4). JSON has no comments.'],
  ['{\n  "a": 1,\n  "b": tru,\n}', 'The mistake is at position 22 (line 3 column 11).'],
  [
    '{"a": "x\ny"}',
    'The mistake is at position 8 (line 1 column 9). In a string a line break is written \\n, and a tab \\t.',
  ],
  [
    '{"a": "\\x"}',
    'The mistake is at position 8 (line 1 column 9). A backslash in a string is written twice.',
  ],
  ['{} {}', 'The mistake is at position 3 (line 1 column 4). The JSON had ended before it.'],
  ['{"a": 01}', 'The mistake is at position 7 (line 1 column 8).'],
  [`["${'x'.repeat(70_000)}",]`, 'It is not valid JSON.'],
])('%j', (text, said) => {
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
  expect(whyNotJson(text)).toBe(said);
});

test('never quotes the text', () => {
  for (const text of ['my secret is 4111', '{"secret": secret}', '["secret" "secret"]'])
    expect(whyNotJson(text)).not.toMatch(/secret|4111/);
});
