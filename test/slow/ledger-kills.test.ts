/** The long version of a test in `test/stores/`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lostAfterKills } from '../support/ledger-kill.ts';

test('fifty kills in the middle of writing lose no acknowledged record', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kills-'));
  const { acknowledged, lost } = await lostAfterKills(join(folder, 'state.db'), 50);
  rmSync(folder, { recursive: true });
  expect(lost).toEqual([]);
  expect(acknowledged).toBeGreaterThan(1_000);
}, 300_000);
