import { expect, test } from 'vitest';
import type { SpendingLimit } from '../../core/attempt-log.ts';
import { createLeases } from './leases.ts';

const LIMIT: SpendingLimit = {
  key: 'all',
  scope: { kind: 'gateway' },
  startMs: 0,
  endMs: Infinity,
  limitNanoUsd: 20_000,
  budget: 'b',
};

/** A Postgres that grants whatever is asked for, up to the limit, a turn later. */
const granting = async (_: string, values: readonly unknown[] = []) => {
  await new Promise(setImmediate);
  const [{ want, most }] = JSON.parse(String(values[2])) as [{ want: number; most: number }];
  return [{ account_key: 'all', own_nano: Math.min(want, most), others_nano: 0 }];
};

test('who waits for a lease is not refused because others took what had been free meanwhile', async () => {
  const leases = createLeases({ query: granting }, { boot: 'one', register: async () => {} });
  // A slice is 100: 90 of it stay free.
  expect((await leases.take('a', [LIMIT], 10)).refusedBy).toBeUndefined();
  const waiting = leases.take('b', [LIMIT], 95);
  expect((await leases.take('c', [LIMIT], 80)).refusedBy).toBeUndefined();
  expect((await waiting).refusedBy).toBeUndefined();
  expect((await leases.take('d', [LIMIT], 19_900)).refusedBy).toBe('b');
});
