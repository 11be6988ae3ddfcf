import { expect, test } from 'vitest';
import { brokenError, unreachableWords } from './exchange-errors.ts';

const failedWith = (code: string) =>
  brokenError(
    { upstream: 'cloud', abort: new AbortController().signal },
    { isSent: false, hasHead: false, proxyHost: undefined },
    Object.assign(new Error(`connect ${code} 192.0.2.1:443`), { code }),
  );

test.each([
  ['EMFILE', 'no file descriptor is left here'],
  ['ENFILE', 'no file descriptor is left here'],
  ['EADDRNOTAVAIL', 'no local port is free'],
])('%s is told as a limit of this machine, and not of the upstream', (code, words) => {
  const error = failedWith(code);
  expect(error.attemptCause).toBe('unreachable');
  expect(error.message).toContain(`'cloud' was not asked: ${words}`);
  expect(error.message).not.toContain('192.0.2.1');
  expect(unreachableWords(error)).toContain(words);
});

test('headers beyond what is read are a bad answer of the upstream', () => {
  const error = failedWith('UND_ERR_HEADERS_OVERFLOW');
  expect(error.attemptCause).toBe('bad_answer');
  expect(error.message).toContain("'cloud' answers with more headers");
});

test('what is of the upstream is told so', () => {
  expect(failedWith('ECONNREFUSED').message).toContain('is it running');
});
