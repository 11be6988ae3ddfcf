/** The long versions of tests in `test/stores/` and `test/money/`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lostAfterKills } from '../support/ledger-kill.ts';
import { killedUnderLoad, paidWorld } from '../support/paid-kill.ts';

test('fifty kills in the middle of writing lose no acknowledged record', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kills-'));
  const { acknowledged, lost } = await lostAfterKills(join(folder, 'state.db'), 50);
  rmSync(folder, { recursive: true });
  expect(lost).toEqual([]);
  expect(acknowledged).toBeGreaterThan(1_000);
});

test('fifty kills under load leave no paid call without its row, and none with two', async () => {
  const world = await paidWorld('budgets: [{ name: all, usd: 1000, per: all }]');
  await killedUnderLoad(world, 50);
  const rows = world.rows();
  const known = new Set(rows.map(({ model }) => model));
  const missing = world.asked().filter((model) => !known.has(model));
  const open = rows.filter(({ state }) => state === 'open');
  const settled = rows.filter(({ state }) => state === 'settled').length;
  const unknown = rows.filter(({ state }) => state === 'unknown').length;
  process.stdout.write(
    `paid calls ${world.asked().length}, rows ${rows.length}, settled ${settled}, unknown ${unknown}, without a row ${missing.length}\n`,
  );
  expect([missing, open, known.size]).toEqual([[], [], rows.length]);
  expect(world.spent()).toBe(rows.reduce((sum, { used }) => sum + used, 0));
  await world.close();
});
