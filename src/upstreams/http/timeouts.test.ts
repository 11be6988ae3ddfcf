import { expect, test } from 'vitest';
import { resolveTimeouts } from './timeouts.ts';

const TEN_MINUTES_MS = 600_000;

test('by default a model may be silent for ten minutes, and a connection may not', () => {
  const { connectMs, firstByteMs, idleMs, wholeMs } = resolveTimeouts();
  for (const ms of [firstByteMs, idleMs, wholeMs]) expect(ms).toBeGreaterThan(TEN_MINUTES_MS);
  expect(connectMs).toBeLessThan(10_000);
});

test('a limit for the first byte is one for whole answers, where they have none of their own', () => {
  expect(resolveTimeouts({ firstByteMs: 5 }).wholeMs).toBe(5);
  expect(resolveTimeouts({ firstByteMs: 5, wholeMs: 9 }).wholeMs).toBe(9);
});
