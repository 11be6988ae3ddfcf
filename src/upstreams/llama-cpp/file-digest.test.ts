import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fileDigest } from './file-digest.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-digest-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'model.gguf');
const content = Buffer.alloc(600_000, 'weights');
writeFileSync(file, content);
const sha256 = `sha256:${createHash('sha256').update(content).digest('hex')}`;

test('is of the whole file, read once', async () => {
  let reads = 0;
  const digest = fileDigest(() => {
    reads += 1;
    return Promise.resolve(file);
  });
  expect(digest.known()).toBeUndefined();
  await Promise.all([digest.begin(), digest.begin()]);
  await digest.begin();
  expect([digest.known(), reads]).toEqual([sha256, 1]);
});

test('given by the catalogue is used, and nothing is read', async () => {
  const digest = fileDigest(() => Promise.reject(new Error('read')), 'sha256:abc');
  await digest.begin();
  expect(digest.known()).toBe('sha256:abc');
});

test('of a missing file, or after stop, is undefined', async () => {
  const missing = fileDigest(() => Promise.resolve(join(folder, 'none.gguf')));
  await missing.begin();
  const stopped = fileDigest(() => Promise.resolve(file));
  stopped.stop();
  await stopped.begin();
  expect([missing.known(), stopped.known()]).toEqual([undefined, undefined]);
});
