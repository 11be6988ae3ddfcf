import { expect, test } from 'vitest';
import { anAttempt, aRecord } from '../../test/support/record.ts';
import { watchAttempts } from './recent-attempts.ts';

const usage = {
  inputTokens: 10,
  cachedInputTokens: 0,
  outputTokens: 100,
  reasoningTokens: 0,
  source: 'reported',
} as const;

test.each([
  ['a stream of 2 s after its first token', true, 2_500, 50],
  ['a stream that comes at once', true, 500.01, undefined],
  ['a whole answer', false, 500.01, undefined],
])('the speed of %s', (_, stream, latencyMs, speed) => {
  const watch = watchAttempts();
  const attempts = [anAttempt({ upstream: 'local', latencyMs, ttftMs: 500, usage })];
  watch.observe(aRecord({ stream, attempts }));
  expect(watch.of('local').tokensPerSecond).toBe(speed);
});
