/**
 * Rows on their way to the database, as a killed process leaves them: each is written to a file before its request is answered, and
 * so is in the kernel's hands. The file is in memory where there is a place for that, and nothing is synced: a power cut takes what
 * was not yet durable in the database. Who starts next reads what dead processes left (`leftInJournals`).
 *
 * A folder a process holds `words`, a JSON value a line (the head, then the words by place), and the rows in `a` and `b`: one is
 * written over from its beginning once all that it holds is durable elsewhere.
 */
import { hash } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { UsageRecord } from '../../core/record.ts';
import { READABLE_BY_OWNER } from '../../lib/file-mode.ts';
import type { Boot } from '../attempts/messages.ts';
import { BEAT_MS, isAlive } from '../tables/boots.ts';
import type { Dictionary } from './dictionary.ts';
import { recordReaderOf, ROW_SHAPE, type PackedRow } from './packed-rows.ts';

export interface RowJournal {
  /** The same row, known here until it is released. Where it cannot be written, as on a full disk, a kill may lose it. */
  keep(row: PackedRow): PackedRow;
  /** Rows that are durable, or given up. */
  release(rows: readonly PackedRow[]): void;
  /** Removes it: nothing is left in it that is not elsewhere. */
  close(): void;
}

interface Segment {
  readonly fd: number;
  /** Where the next row goes, in bytes. */
  at: number;
  /** Rows in it that are not released. */
  open: number;
}

interface KeptRow extends PackedRow {
  readonly segment?: Segment;
}

interface Head {
  readonly boot: Boot;
  /** Of the rows. */
  readonly shape: string;
}

/** From this size on the other one is written, once it is free. */
const SEGMENT_BYTES = 1024 * 1024;
const BYTES = Float64Array.BYTES_PER_ELEMENT;
const NAMES = ['a', 'b'] as const;
type Name = (typeof NAMES)[number];

/** Linux's folder in memory. */
const IN_MEMORY = '/dev/shm';

/** How the names of a database's journals begin: beside it only where they cannot be in memory, since a disk may hang. */
export function journalsPrefix(path: string): string {
  try {
    accessSync(IN_MEMORY, constants.W_OK);
  } catch {
    return `${path}.journal-`;
  }
  return join(IN_MEMORY, `smallfirst-journal-${hash('sha1', path).slice(0, 16)}-`);
}

/** @throws Error where it cannot be made */
export function rowJournal(prefix: string, boot: Boot, { words }: Dictionary): RowJournal {
  const folder = prefix + boot.id;
  mkdirSync(folder, { mode: 0o700 });
  const open = (name: string): number => openSync(join(folder, name), 'w', READABLE_BY_OWNER);
  const text = open('words');
  const opened = (name: Name): Segment => ({ fd: open(name), at: 0, open: 0 });
  let [current, other] = [opened('a'), opened('b')];
  const head: Head = { boot, shape: ROW_SHAPE };
  writeSync(text, `${JSON.stringify(head)}\n`);
  const beating = setInterval(() => futimesSync(text, new Date(), new Date()), BEAT_MS).unref();
  const entries = entryWriter();
  let known = 0;
  const writeWords = (): void => {
    const lines = words.slice(known).map((word) => `${JSON.stringify(word)}\n`);
    writeSync(text, lines.join(''));
    known += lines.length;
  };
  const free = (): Segment => {
    if (current.open === 0) current.at = 0;
    else if (current.at > SEGMENT_BYTES && other.open === 0) {
      [current, other] = [other, current];
      current.at = 0;
    }
    return current;
  };
  return {
    keep: (row): KeptRow => {
      try {
        if (words.length > known) writeWords();
        const segment = free();
        const entry = entries(row);
        writeSync(segment.fd, entry, 0, entry.byteLength, segment.at);
        segment.at += entry.byteLength;
        segment.open += 1;
        return { numbers: row.numbers, texts: row.texts, segment };
      } catch {
        return row;
      }
    },
    release: (rows: readonly KeptRow[]) => {
      for (const { segment } of rows) if (segment !== undefined) segment.open -= 1;
    },
    close: () => {
      clearInterval(beating);
      for (const fd of [text, current.fd, other.fd]) closeSync(fd);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Numbers of an entry beside those of the row and a length for each text: its own, its size, and how many there are of both. */
const HEAD = 4;

/**
 * An entry in 64-bit numbers: the entry's own number (one more than that of the entry before), its size, how many numbers and texts
 * the row has, the length of each text, the numbers, the texts in UTF-16, and its own number again: a torn entry lacks it.
 */
function entryWriter(): (row: PackedRow) => Uint8Array {
  let room = new Float64Array(2048);
  let last = 0;
  return ({ numbers, texts }) => {
    let units = 0;
    for (const text of texts) units += text.length;
    const from = HEAD + texts.length + numbers.length;
    const size = from + Math.ceil((2 * units) / BYTES) + 1;
    if (size > room.length) room = new Float64Array(2 * size);
    const bytes = Buffer.from(room.buffer, 0, size * BYTES);
    last += 1;
    room[0] = last;
    room[1] = size;
    room[2] = numbers.length;
    room[3] = texts.length;
    let at = from * BYTES;
    for (const [index, text] of texts.entries()) {
      room[HEAD + index] = text.length;
      at += bytes.write(text, at, 'utf16le');
    }
    room.set(numbers, HEAD + texts.length);
    room[size - 1] = last;
    return bytes;
  };
}

/** What processes that are dead kept, durable meanwhile or not, and how to forget it. */
export function leftInJournals(
  prefix: string,
  own: Boot,
): { readonly records: readonly UsageRecord[]; forget(): void } {
  const folders = journalsAt(prefix).filter((folder) => isLeft(folder, own));
  return {
    records: folders.flatMap((folder) => [...recordsIn(folder)]),
    forget: () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })),
  };
}

/** The folders of all processes, dead or alive. */
export function journalsAt(prefix: string): readonly string[] {
  const names = readdirSync(dirname(prefix));
  return names
    .filter((name) => name.startsWith(basename(prefix)))
    .map((name) => join(dirname(prefix), name));
}

/** Of this user: anyone may write where they are. One that has no head was killed before its first row. */
function isLeft(folder: string, own: Boot): boolean {
  try {
    const { uid } = lstatSync(folder);
    if (process.getuid !== undefined && uid !== process.getuid()) return false;
    const [head] = linesOf(folder);
    const silentMs = Date.now() - lstatSync(join(folder, 'words')).mtimeMs;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `rowJournal` wrote
    return head !== undefined && !isAlive((head as Head).boot, silentMs, own);
  } catch {
    return false;
  }
}

/** Up to one that was not written whole. */
function linesOf(folder: string): readonly unknown[] {
  const lines = readFileSync(join(folder, 'words'), 'utf8').split('\n');
  return lines.slice(0, -1).map((line): unknown => JSON.parse(line));
}

function* recordsIn(folder: string): Generator<UsageRecord> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `rowJournal` wrote
  const [head, ...words] = linesOf(folder) as [Head, ...string[]];
  const recordOf = recordReaderOf(head.shape);
  for (const name of NAMES)
    for (const row of rowsIn(readFileSync(join(folder, name)))) yield recordOf(row, words);
}

/** Up to the first entry that does not follow on the one before: it was torn, or is left of an earlier round. */
function* rowsIn(file: Buffer): Generator<PackedRow> {
  const all = new Float64Array(Math.floor(file.byteLength / BYTES));
  const bytes = Buffer.from(all.buffer);
  file.copy(bytes);
  let number = all[0];
  for (let at = 0; all[at] === number; number! += 1) {
    const [, size = 0, numbers = 0, count = 0] = all.subarray(at, at + HEAD);
    if (size < HEAD || all[at + size - 1] !== number) return;
    const first = at + HEAD + count;
    let text = (first + numbers) * BYTES;
    const texts = Array.from(all.subarray(at + HEAD, first), (length) =>
      bytes.toString('utf16le', text, (text += 2 * length)),
    );
    yield { numbers: all.subarray(first, first + numbers), texts };
    at += size;
  }
}
