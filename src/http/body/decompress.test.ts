import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readBody } from './body.ts';
import { decompress } from './decompress.ts';

const MIB = 1024 * 1024;

test('bytes are told as they come, and no more are made once they are refused', async () => {
  const bomb = brotliCompressSync(Buffer.alloc(64 * MIB, ' '));
  expect(bomb.length).toBeLessThan(1024);
  let most = 0;
  const refused = decompress(bomb, 'br', (_, all) => {
    most = all;
    if (all > MIB) throw new RangeError('enough');
  });
  await expect(refused).rejects.toThrow('enough');
  expect(most).toBeLessThan(2 * MIB);
});

test('few are unpacked at once: decoders have memory of their own', async () => {
  const packed = brotliCompressSync(Buffer.alloc(MIB / 2, ' '));
  const begun = new Set<number>();
  let most = 0;
  await Promise.all(
    Array.from({ length: 12 }, async (_, at) => {
      await decompress(packed, 'br', () => {
        begun.add(at);
        most = Math.max(most, begun.size);
      });
      begun.delete(at);
    }),
  );
  expect(most).toBe(2);
});

test('a short body waits for no long one', async () => {
  const long = gzipSync(Buffer.alloc(4 * MIB, ' '));
  const ended: string[] = [];
  const unpack = async (body: Buffer, name: string): Promise<void> => {
    await decompress(body, 'gzip', () => {}, name);
    ended.push(name);
  };
  const all = Array.from({ length: 8 }, () => unpack(long, 'long'));
  await unpack(gzipSync('words'), 'short');
  await Promise.all(all);
  expect(ended.indexOf('short')).toBeLessThan(5);
});

test('a long body is told once, and is whole', async () => {
  const text = Buffer.from('words and words '.repeat(200_000));
  let told = 0;
  const whole = await decompress(gzipSync(text), 'gzip', (more, all) => {
    told += more;
    expect(all).toBe(told);
  });
  expect(whole?.equals(text)).toBe(true);
  expect(told).toBe(text.length);
});

test('parts add up to the whole, of several members too', async () => {
  const text = Buffer.from('words and words '.repeat(20_000));
  let told = 0;
  const packed = Buffer.concat([gzipSync(text), gzipSync(text)]);
  const whole = await decompress(packed, 'gzip', (more) => void (told += more));
  expect(whole?.equals(Buffer.concat([text, text]))).toBe(true);
  expect(told).toBe(2 * text.length);
});

test('what is cut off or followed by something else is not valid', async () => {
  const packed = gzipSync('words');
  await expect(decompress(packed.subarray(0, 20), 'gzip', () => {})).rejects.toThrow();
  await expect(
    decompress(Buffer.concat([packed, Buffer.from('garbage')]), 'gzip', () => {}),
  ).rejects.toThrow();
  expect(decompress(packed, 'snappy', () => {})).toBeUndefined();
});

test('what a compressed body becomes counts while it grows, beside all others under way', async () => {
  const bomb = brotliCompressSync(Buffer.alloc(16 * MIB, ' '));
  const incoming = Object.assign(Readable.from([bomb]), { headers: { 'content-encoding': 'br' } });
  let taken = 0;
  const buffered = {
    take: (bytes: number): void => {
      taken += bytes;
      if (taken > MIB) throw new RangeError('no room');
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is read of it is there
  const reading = readBody(incoming as unknown as IncomingMessage, 32 * MIB, { buffered });
  await expect(reading).rejects.toMatchObject({ cause: { message: 'no room' } });
  expect(taken).toBeLessThan(2 * MIB);
});
