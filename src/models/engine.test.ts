import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { ENGINE_KINDS, engineSettings, engineStore, type EngineStore } from './engine.ts';

const LOCKS = 'src/models/engine';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'smallfirst-engine-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** An npm that writes what it was asked, and does what `script` says. */
function storeWith(script: string): { store: EngineStore; at: string } {
  const at = folder();
  const npm = join(folder(), 'npm.cjs');
  writeFileSync(
    npm,
    `const fs = require('node:fs');
     fs.writeFileSync('asked', process.argv.slice(2).join(' '));
     ${script}`,
  );
  return { store: engineStore({ folder: at, npm: [process.execPath, npm], own: false }), at };
}

const INSTALL = `fs.mkdirSync('node_modules/node-llama-cpp/dist', { recursive: true });
  fs.writeFileSync('node_modules/node-llama-cpp/dist/index.js', 'export const built = 1;');`;

test('is installed by npm from the shipped lock file, without scripts, once', async () => {
  const { store, at } = storeWith(INSTALL);
  expect(store.found()).toBeUndefined();
  const shown: number[] = [];
  const entry = await store.ensure({ onProgress: ({ doneBytes }) => shown.push(doneBytes) });
  expect(await import(entry)).toMatchObject({ built: 1 });
  expect(store.found()).toBe(entry);
  const installed = join(fileURLToPath(entry), '../../../..');
  expect(readFileSync(join(installed, 'asked'), 'utf8')).toMatch(/^ci --ignore-scripts /);
  expect(readFileSync(join(installed, 'package-lock.json'))).toEqual(
    readFileSync(`${LOCKS}/cpu/package-lock.json`),
  );
  expect(shown.at(-1)).toBeGreaterThan(0);
  expect(readdirSync(at)).toHaveLength(1);
  rmSync(join(installed, 'asked'));
  expect(await store.ensure()).toBe(entry);
  expect(readdirSync(installed)).not.toContain('asked');
});

test('one for a graphics card is preferred', async () => {
  const { store } = storeWith(INSTALL);
  await store.ensure();
  const cuda = await store.install('cuda');
  expect(cuda).toMatch(/\/cuda-/);
  expect(store.found()).toBe(cuda);
});

test('what npm could not fetch is said, with what to do, and nothing is kept', async () => {
  const { store, at } = storeWith("console.error('npm error ENOTFOUND'); process.exit(1);");
  await expect(store.ensure()).rejects.toThrow(
    /could not be fetched: npm ended with code 1: npm error ENOTFOUND\. Check that npm works/,
  );
  expect(store.found()).toBeUndefined();
  expect(readdirSync(at)).toEqual([]);
});

test('a full disk and a folder that cannot be written are said', async () => {
  const { store } = storeWith("console.error('npm error ENOSPC: no space'); process.exit(1);");
  await expect(store.ensure()).rejects.toThrow(/has no space for the embedded engine\. Free some/);
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  const none = engineStore({ folder: join(file, 'engine'), npm: ['npm'], own: false });
  await expect(none.ensure()).rejects.toThrow(/cannot be put into .*SMALLFIRST_CACHE/);
});

test('a machine without npm is told so', async () => {
  const none = engineStore({ folder: folder(), npm: ['/no/npm'], own: false });
  await expect(none.ensure()).rejects.toThrow(/npm cannot be started/);
});

test('what a killed installation left is removed', async () => {
  const { store, at } = storeWith(INSTALL);
  mkdirSync(join(at, '.cpu-killed'));
  await store.ensure();
  expect(readdirSync(at)).not.toContain('.cpu-killed');
});

test('in a clone the development dependency is taken', async () => {
  const store = engineStore({ folder: folder(), npm: ['/no/npm'] });
  expect(await store.ensure()).toBe('node-llama-cpp');
});

test('lies beside the models, or among them where a folder is named', () => {
  expect(engineSettings({}, '/home/me').folder).toBe('/home/me/.cache/smallfirst/engine');
  expect(engineSettings({ SMALLFIRST_CACHE: '/big' }, '/home/me').folder).toBe('/big/engine');
});

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      { readonly version: string; readonly integrity?: string; readonly resolved?: string }
    >
  >;
}

test.each(ENGINE_KINDS)(
  'the lock file for %s has a digest of each package, and names no registry',
  (kind) => {
    const { packages }: Lock = JSON.parse(
      readFileSync(`${LOCKS}/${kind}/package-lock.json`, 'utf8'),
    );
    const { '': _, ...all } = packages;
    expect(Object.keys(all).length).toBeGreaterThan(50);
    for (const [name, one] of Object.entries(all)) {
      expect(one.integrity, name).toMatch(/^sha512-/);
      expect(one.resolved, name).toBeUndefined();
    }
    const own: { devDependencies: Record<string, string> } = JSON.parse(
      readFileSync('package.json', 'utf8'),
    );
    expect(all['node_modules/node-llama-cpp']?.version).toBe(own.devDependencies['node-llama-cpp']);
  },
);
