import { expect, test } from 'vitest';
import { cleanWords } from './clean-words.ts';

const clean = cleanWords(
  ['sk-operator-0123456789', 'tenant-secret-9'],
  ['llm.corp.acme.io:8443', 'llm.corp.acme.io'],
);

test.each([
  ['Incorrect API key provided: sk-operator-0123456789.', 'Incorrect API key provided: [hidden].'],
  ['key sk-oper...: ending in 23456789', 'key sk-oper...: ending in [hidden]'],
  ['got Authorization: Bearer abcdef-123456', 'got Authorization: [hidden]'],
  ['another sk-proj-A1b2C3d4E5f6G7', 'another [hidden]'],
  ['connect https://llm.corp.acme.io:8443/v1 failed', 'connect [hidden] failed'],
  ['dial tcp 10.2.3.4:8000: refused', 'dial tcp [hidden]: refused'],
  ['http://localhost:11434/api is down', '[hidden] is down'],
  ['at 192.168.0.7, 172.16.5.4 and 169.254.169.254', 'at [hidden], [hidden] and [hidden]'],
])('%s', (said, shown) => {
  expect(clean(said)).toBe(shown);
});

test.each([
  "Unsupported value: 'temperature' does not support 0.7 with this model.",
  'This model takes 8192 tokens, but 10.5 k were sent to 1.2.3',
])('says no less than it has to: %s', (said) => {
  expect(clean(said)).toBe(said);
});

test('is cut to 2 kB', () => {
  expect(clean('word '.repeat(100_000))).toHaveLength(2_048);
});
