import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { memoryRates } from '../memory/rates.ts';
import { openStores } from '../open.ts';
import { partialRates } from './partial-rates.ts';

const nowMs = (): number => 0;

test('replicas that share no limit let through all of it together, and each at least one', () => {
  const replicas = Array.from({ length: 3 }, () => partialRates(memoryRates(nowMs), () => 3));
  let granted = 0;
  for (let at = 0; at < 600; at += 1) {
    const taken = replicas[at % 3]!.take('key:bot:requests', 300, 1);
    if (!(taken instanceof Promise) && taken.isGranted) granted += 1;
  }
  expect(granted).toBe(300);
  expect(partialRates(memoryRates(nowMs), () => 50).take('b', 10, 1)).toMatchObject({
    isGranted: true,
    remaining: 0,
  });
});

test('processes over one file know of each other, and take their part', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'partial-rates-'));
  const settings = { kind: 'sqlite', path: join(folder, 'state.db') } as const;
  const tools = { nowMs, onLedgerProblem: () => {} };
  const one = await openStores(settings, tools);
  expect(await one.rates.take('b', 10, 1)).toMatchObject({ remaining: 9 });
  const two = await openStores(settings, tools);
  expect([one.replicas(), two.replicas()]).toEqual([1, 2]);
  expect(await two.rates.take('b', 10, 1)).toMatchObject({ isGranted: true, remaining: 4 });
  await Promise.all([one.close(), two.close()]);
  const alone = await openStores(settings, tools);
  expect(alone.replicas()).toBe(1);
  await alone.close();
  rmSync(folder, { recursive: true });
});
