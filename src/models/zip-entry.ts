/** Reads one file from a zip archive, in the subset that Python's wheels use: one disk, no encryption, below 4 GB. */
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createInflateRaw } from 'node:zlib';

/** The end of the central directory is in the last bytes: 22, and a comment of at most 65,535. */
const END_BYTES = 22;
const END_SIGNATURE = 0x06054b50;
const MOST_COMMENT = 65_535;
const DIRECTORY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * The content of the entry called `path`. Format: PKWARE's APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16.
 * @throws Error when there is none, or when the archive is damaged or packed otherwise
 */
export async function* zipEntry(
  archive: string,
  path: string,
): AsyncGenerator<Buffer, void, undefined> {
  await using file = await open(archive, 'r');
  const { method, start, size } = await placeOf(file, path);
  const packed = createReadStream(archive, { start, end: start + size - 1 });
  if (method !== STORED && method !== DEFLATED)
    throw new Error(`the archive packs ${path} in a way that is not known here`);
  yield* method === STORED ? packed : packed.pipe(createInflateRaw());
}

interface Place {
  readonly method: number;
  readonly start: number;
  readonly size: number;
}

async function placeOf(file: FileHandle, path: string): Promise<Place> {
  for (const entry of entriesIn(await directoryOf(file))) {
    if (entry.name !== path) continue;
    const header = await bytesAt(file, entry.offset, 30);
    if (header.readUInt32LE(0) !== LOCAL_SIGNATURE) throw new Error('the archive is damaged');
    const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    return { method: entry.method, start, size: entry.size };
  }
  throw new Error(`the archive has no ${path}`);
}

async function directoryOf(file: FileHandle): Promise<Buffer> {
  const { size } = await file.stat();
  const length = Math.min(size, END_BYTES + MOST_COMMENT);
  const tail = await bytesAt(file, size - length, length);
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    return await bytesAt(file, tail.readUInt32LE(at + 16), tail.readUInt32LE(at + 12));
  }
  throw new Error('it is no zip archive');
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly size: number;
  readonly offset: number;
}

function* entriesIn(directory: Buffer): Generator<Entry> {
  for (let at = 0; at + 46 <= directory.length;) {
    if (directory.readUInt32LE(at) !== DIRECTORY_SIGNATURE)
      throw new Error('the archive is damaged');
    const nameLength = directory.readUInt16LE(at + 28);
    yield {
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
      method: directory.readUInt16LE(at + 10),
      size: directory.readUInt32LE(at + 20),
      offset: directory.readUInt32LE(at + 42),
    };
    at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < length) throw new Error('the archive ends too early');
  return buffer;
}
