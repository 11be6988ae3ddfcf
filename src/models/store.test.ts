import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GatewayError } from '../core/errors.ts';
import { hubModel, modelHub, sha256, type HubBehaviour } from '../../test/support/model-hub.ts';
import type { DownloadableModel } from './downloads.ts';
import { modelStore, storeSettings, type ModelStore } from './store.ts';

const BYTES = Buffer.alloc(200_000, 'GGUF and what follows it. ');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smallfirst-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const storeAt = (hub: string, model: DownloadableModel = hubModel(BYTES)): ModelStore =>
  modelStore({ folder, hub, models: [model] });

async function failure(work: Promise<unknown>): Promise<GatewayError> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (error instanceof GatewayError) return error;
  throw new Error('no GatewayError', { cause: error });
}

const startHub = (behaviour: Partial<HubBehaviour> = {}) =>
  modelHub({ bytes: BYTES, ...behaviour });

test('fetches a file through the redirect, verifies it, reports progress, and sends no request the next time', async () => {
  await using hub = await startHub();
  const store = storeAt(hub.url);
  expect(await store.cached('tiny')).toBeUndefined();
  const seen: number[] = [];
  const file = await store.ensure('tiny', { onProgress: (now) => seen.push(now.doneBytes) });
  expect(readFileSync(file).equals(BYTES)).toBe(true);
  expect(hub.requests).toEqual(['GET /someone/tiny/resolve/abc/tiny.gguf', 'GET /storage']);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toBe(BYTES.length);
  expect(await store.ensure('tiny')).toBe(file);
  expect(hub.requests).toHaveLength(2);
  expect(readdirSync(folder)).toEqual(['tiny.gguf']);
});

test('keeps the received part when the connection breaks, and continues from there', async () => {
  const { promise: cutAfter, resolve: cut } = Promise.withResolvers<void>();
  await using hub = await startHub({ cutAt: 70_000, cutAfter });
  const store = storeAt(hub.url);
  const error = await failure(store.ensure('tiny', { onProgress: () => cut() }));
  expect(error.code).toBe('upstream_unreachable');
  expect(error.message).toContain('the next try goes on from there');
  expect(await store.cached('tiny')).toBeUndefined();
  const had = readFileSync(join(folder, 'tiny.gguf.part')).length;
  expect(had).toBeGreaterThan(0);
  expect(readFileSync(await store.ensure('tiny')).equals(BYTES)).toBe(true);
  expect(hub.requests.at(-1)).toBe(`GET /storage bytes=${had}-`);
});

test('starts over where the server cannot continue', async () => {
  await using hub = await startHub({ ignoresRanges: true });
  writeFileSync(join(folder, 'tiny.gguf.part'), BYTES.subarray(0, 1000));
  expect(readFileSync(await storeAt(hub.url).ensure('tiny')).equals(BYTES)).toBe(true);
});

test('uses a part file that is already complete', async () => {
  await using hub = await startHub();
  writeFileSync(join(folder, 'tiny.gguf.part'), BYTES);
  expect(readFileSync(await storeAt(hub.url).ensure('tiny')).equals(BYTES)).toBe(true);
});

test('removes a part file with wrong content, so that the next attempt starts over', async () => {
  await using hub = await startHub();
  const store = storeAt(hub.url);
  writeFileSync(join(folder, 'tiny.gguf.part'), 'not the beginning of this file');
  const error = await failure(store.ensure('tiny'));
  expect(error.message).toContain('SHA-256');
  expect(readdirSync(folder)).toEqual([]);
  expect(readFileSync(await store.ensure('tiny')).equals(BYTES)).toBe(true);
});

test('never returns a file whose SHA-256 is wrong', async () => {
  await using hub = await startHub();
  const store = storeAt(hub.url, hubModel(BYTES, { sha256: sha256(Buffer.from('other')) }));
  expect((await failure(store.ensure('tiny'))).code).toBe('upstream_bad_answer');
  expect(await store.cached('tiny')).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

test('asks the hub for a SHA-256 that the catalogue lacks, and fetches nothing unchecked', async () => {
  const { sha256: _known, ...unknown } = hubModel(BYTES);
  await using honest = await startHub({ linkedSha256: sha256(BYTES) });
  expect(existsSync(await storeAt(honest.url, unknown).ensure('tiny'))).toBe(true);
  await storeAt(honest.url).remove('tiny');
  await using lying = await startHub({ linkedSha256: sha256(Buffer.from('other')) });
  expect((await failure(storeAt(lying.url, unknown).ensure('tiny'))).message).toContain('removed');
  await using silent = await startHub();
  const error = await failure(storeAt(silent.url, unknown).ensure('tiny'));
  expect(error.message).toContain('unchecked');
  expect(silent.requests).toEqual(['HEAD /someone/tiny/resolve/abc/tiny.gguf']);
});

test('two callers share one download of the same model', async () => {
  await using hub = await startHub();
  const files = await Promise.all([
    storeAt(hub.url).ensure('tiny'),
    storeAt(hub.url).ensure('tiny'),
  ]);
  expect(new Set(files).size).toBe(1);
  expect(hub.requests.filter((line) => line.endsWith('/storage'))).toHaveLength(1);
});

test('takes over the lock of a process that is gone', async () => {
  await using hub = await startHub();
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(join(folder, 'tiny.gguf.lock'), String(pid));
  expect(existsSync(await storeAt(hub.url).ensure('tiny'))).toBe(true);
  expect(readdirSync(folder)).toEqual(['tiny.gguf']);
});

test('takes over a lock without a recent heartbeat, even if its process id is in use', async () => {
  await using hub = await startHub();
  const lock = join(folder, 'tiny.gguf.lock');
  writeFileSync(lock, String(process.pid));
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(lock, longAgo, longAgo);
  expect(existsSync(await storeAt(hub.url).ensure('tiny'))).toBe(true);
});

test('waits for the lock of a live process until aborted', async () => {
  await using hub = await startHub();
  writeFileSync(join(folder, 'tiny.gguf.lock'), String(process.pid));
  const abort = new AbortController();
  const waiting = storeAt(hub.url).ensure('tiny', { abort: abort.signal });
  abort.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow();
  expect(hub.requests).toEqual([]);
});

test('stops on abort, and keeps the received part', async () => {
  await using hub = await startHub({ bytes: Buffer.alloc(20_000_000, 'x') });
  const abort = new AbortController();
  const work = storeAt(hub.url, hubModel(Buffer.alloc(20_000_000, 'x'))).ensure('tiny', {
    abort: abort.signal,
    onProgress: () => abort.abort(new Error('enough')),
  });
  await expect(work).rejects.toThrow('enough');
  expect(readdirSync(folder)).toEqual(['tiny.gguf.part']);
});

test.each([404, 500])("the error has the hub's status: %i", async (status) => {
  await using hub = await startHub({ status });
  const error = await failure(storeAt(hub.url).ensure('tiny'));
  expect(error.message).toContain(String(status));
  expect(error.message).toContain('SMALLFIRST_MODEL_HUB');
});

test('the error names the hub that could not be reached', async () => {
  const closed = await startHub();
  await closed[Symbol.asyncDispose]();
  const error = await failure(storeAt(closed.url).ensure('tiny'));
  expect(error.code).toBe('upstream_unreachable');
  expect(error.message).toContain(new URL(closed.url).host);
});

test('refuses a model without enough disk space before the first byte', async () => {
  await using hub = await startHub();
  const store = storeAt(hub.url, hubModel(BYTES, { sizeBytes: 2 ** 52 }));
  const error = await failure(store.ensure('tiny'));
  expect(error.message).toContain('SMALLFIRST_CACHE');
  expect(hub.requests).toEqual([]);
});

test('the error says what to do when the folder cannot be created', async () => {
  writeFileSync(join(folder, 'a-file'), '');
  const store = modelStore({
    folder: join(folder, 'a-file', 'models'),
    hub: 'http://127.0.0.1:9',
    models: [hubModel(BYTES)],
  });
  expect((await failure(store.ensure('tiny'))).message).toContain('SMALLFIRST_CACHE');
});

test('does not take a file of another size for the model', async () => {
  await using hub = await startHub();
  writeFileSync(join(folder, 'tiny.gguf'), BYTES.subarray(0, 10));
  const store = storeAt(hub.url);
  expect(await store.cached('tiny')).toBeUndefined();
  expect(readFileSync(await store.ensure('tiny')).equals(BYTES)).toBe(true);
});

test('removes the file and its parts, and says whether there was one', async () => {
  const store = storeAt('http://127.0.0.1:9');
  expect(await store.remove('tiny')).toBe(false);
  writeFileSync(join(folder, 'tiny.gguf'), BYTES);
  writeFileSync(join(folder, 'tiny.gguf.part'), BYTES);
  writeFileSync(join(folder, 'other.gguf'), BYTES);
  expect(await store.remove('tiny')).toBe(true);
  expect(readdirSync(folder)).toEqual(['other.gguf']);
});

test('an unknown name is answered with the nearest one', async () => {
  const error = await failure(storeAt('http://127.0.0.1:9').ensure('tinny'));
  expect(error.message).toContain('`tiny`');
});

test('folder, hub and npm come from the environment, or are the defaults', () => {
  expect(storeSettings({}, '/home/me')).toEqual({
    folder: join('/home/me', '.cache', 'smallfirst', 'models'),
    hub: 'https://huggingface.co',
    npm: ['npm'],
    pip: ['python3', '-m', 'pip'],
  });
  const env = {
    SMALLFIRST_CACHE: '/big',
    SMALLFIRST_MODEL_HUB: 'https://mirror.example',
    SMALLFIRST_NPM: '/app/npm/bin/npm-cli.js',
  };
  expect(storeSettings(env, '/home/me')).toEqual({
    folder: '/big',
    hub: 'https://mirror.example',
    npm: [process.execPath, '/app/npm/bin/npm-cli.js'],
    pip: ['python3', '-m', 'pip'],
  });
});
