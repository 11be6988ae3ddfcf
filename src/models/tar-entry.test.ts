import { Readable } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tarball } from '../../test/support/model-hub.ts';
import { tarEntry } from './tar-entry.ts';

async function collect(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** Cuts the archive into pieces, as a stream may deliver it. */
async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('finds a file at any position, however the archive is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 1500 }), { minLength: 1, maxLength: 5 }),
      fc.nat(),
      fc.integer({ min: 1, max: 2000 }),
      async (contents, pick, size) => {
        const files = Object.fromEntries(
          contents.map((bytes, index) => [`package/${index}`, Buffer.from(bytes)]),
        );
        const wanted = pick % contents.length;
        const archive = gunzipSync(tarball(files));
        const found = await collect(tarEntry(cut(archive, size), `package/${wanted}`));
        expect(found.equals(Buffer.from(contents[wanted] ?? []))).toBe(true);
      },
    ),
  );
});

test('reads straight from a gunzip stream', async () => {
  const packed = tarball({ 'package/a': Buffer.from('one'), 'package/b': Buffer.from('two') });
  const archive = Readable.from([packed]).pipe(createGunzip());
  expect((await collect(tarEntry(archive, 'package/b'))).toString()).toBe('two');
});

test('fails when the file is missing, or when the archive is cut off', async () => {
  const archive = gunzipSync(tarball({ 'package/a': Buffer.alloc(2000) }));
  const read = (bytes: Buffer, path: string) => collect(tarEntry(cut(bytes, 300), path));
  await expect(read(archive, 'package/z')).rejects.toThrow('no package/z');
  await expect(read(archive.subarray(0, 1000), 'package/a')).rejects.toThrow('too early');
  await expect(read(Buffer.alloc(0), 'package/a')).rejects.toThrow('too early');
});
