import { expect, test } from 'vitest';
import { substituteVariables } from './substitute.ts';

const env = { HOST: 'example.org', EMPTY: '', TRICKY: '${HOST} $& "x": 1' };

const text = (written: string): string => {
  const result = substituteVariables(written, env);
  return result.ok ? result.text : `problem: ${result.message}`;
};

test.each([
  ['https://${HOST}/v1', 'https://example.org/v1'],
  ['${HOST}${HOST}', 'example.orgexample.org'],
  ['${EMPTY}', ''],
  ['${EMPTY:-other}', 'other'],
  ['${MISSING:-a:-b}', 'a:-b'],
  ['${MISSING:-}', ''],
  ['$${HOST}', '${HOST}'],
  ['$HOST and 5$', '$HOST and 5$'],
  ['${TRICKY}', '${HOST} $& "x": 1'],
])('%j becomes %j', (written, expected) => {
  expect(text(written)).toBe(expected);
});

test('an unset variable is named, with the closest one that is set', () => {
  expect(text('${HOTS}')).toBe(
    'problem: the environment variable `HOTS` is not set; did you mean `HOST`? Else set it, or give a default: `${HOTS:-…}`',
  );
});

test.each(['${}', '${HOST', '${1A}', '${A B}', '${A-b}'])('%j is no reference', (written) => {
  expect(text(written)).toContain(
    'is no reference to a variable; write `${NAME}` or `${NAME:-default}`',
  );
});
