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

const TOOLS = { boot: 'one', register: async () => {}, forwarded: async () => {} };

test('who waits for a lease is not refused because others took what had been free meanwhile', async () => {
  const leases = createLeases({ query: granting }, TOOLS);
  // A slice is 100: 90 of it stay free.
  expect((await leases.take('a', [LIMIT], 10)).refusedBy).toBeUndefined();
  const waiting = leases.take('b', [LIMIT], 95);
  expect((await leases.take('c', [LIMIT], 80)).refusedBy).toBeUndefined();
  expect((await waiting).refusedBy).toBeUndefined();
  expect((await leases.take('d', [LIMIT], 19_900)).refusedBy).toBe('b');
});

test('what a call left of its reservation goes back once its row is there, and no earlier', async () => {
  const granted: number[] = [];
  const query = async (sql: string, values: readonly unknown[] = []) => {
    const rows = await granting(sql, values);
    granted.push(...rows.map(({ own_nano }) => own_nano));
    return rows;
  };
  const written = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const forwarded = (): Promise<void> => {
    asked.resolve();
    return written.promise;
  };
  const leases = createLeases({ query }, { ...TOOLS, forwarded });
  await leases.take('a', [LIMIT], 5_000);
  leases.end('a', 1_000);
  await asked.promise;
  await new Promise(setImmediate);
  expect(granted).toEqual([5_000]);
  // What ends while its row is on the way waits for the next time: its row may not be among them.
  await leases.take('b', [LIMIT], 3_000);
  leases.end('b', 0);
  written.resolve();
  // A slice is 100, and is kept.
  await expect.poll(() => granted).toEqual([5_000, 4_100, 1_100]);
});
