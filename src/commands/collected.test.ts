import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from 'citty';
import { expect, onTestFinished, test, vi } from 'vitest';
import { collectedCommand } from './collected.ts';

test.each([
  [['list', '--json'], '[]\n'],
  [['list'], 'Nothing is collected.\n'],
])('where nothing was collected, %j says so, and makes no file', async (words, said) => {
  const folder = mkdtempSync(join(tmpdir(), 'collected-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const config = join(folder, 'smallfirst.yaml');
  writeFileSync(config, 'store: { kind: sqlite, path: ledger.db }\n');
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  await runCommand(collectedCommand, { rawArgs: [...words, '--config', config] });
  expect(write.mock.calls).toEqual([[said]]);
  expect(readdirSync(folder)).toEqual(['smallfirst.yaml']);
});
