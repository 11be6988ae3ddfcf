import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Exchange } from '../../core/collect.ts';
import { openCollected, type CollectedFile } from './file.ts';

let folder: string;
let path: string;
let file: CollectedFile;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'collected-'));
  path = join(folder, 'state', 'collected.db');
  file = openCollected(path);
});
afterEach(() => {
  file.close();
  rmSync(folder, { recursive: true });
});

const exchange = (at: number, over: Partial<Exchange> = {}): Exchange => ({
  requestId: `req_${at}`,
  atMs: at,
  expiresMs: 1_000 + at,
  caller: 'bot',
  conversation: 'c1',
  upstream: 'cloud',
  model: 'gpt-4o',
  messages: [{ role: 'user', text: `question ${at}` }],
  answer: `zebra${at}zebra`,
  ...over,
});

const modeOf = (at: string): number => statSync(at).mode & 0o777;

const ids = (): readonly string[] => [...file.all()].map(({ requestId }) => requestId);

/** Of all files in the folder. */
const bytes = (): string =>
  readdirSync(join(folder, 'state'))
    .map((name) => readFileSync(join(folder, 'state', name), 'latin1'))
    .join('');

test('what is added is read again, once, and its owner alone may read the files', () => {
  file.add([exchange(2), exchange(1)]);
  file.add([exchange(2, { answer: 'another' })]);
  expect([...file.all()]).toEqual([exchange(1), exchange(2)]);
  for (const name of readdirSync(join(folder, 'state')))
    expect([name, modeOf(join(folder, 'state', name))]).toEqual([name, 0o600]);
});

test('it is deleted by key, by conversation and by age, and all that are given must fit', () => {
  const others = { caller: 'other', conversation: 'c2' };
  file.add([exchange(1), exchange(2, others), exchange(3, others), exchange(4)]);
  expect(file.delete({})).toBe(0);
  expect(file.delete({ caller: 'other', beforeMs: 3 })).toBe(1);
  expect(ids()).toEqual(['req_1', 'req_3', 'req_4']);
  expect(file.conversationOf('req_3')).toBe('c2');
  expect(file.delete({ conversation: 'c2' })).toBe(1);
  expect(file.delete({ beforeMs: 4 })).toBe(1);
  expect(file.delete({ caller: 'bot' })).toBe(1);
  expect(ids()).toEqual([]);
});

test('nothing of what was deleted, or is past its time, is left in the files', () => {
  file.add([exchange(1), exchange(2), exchange(3)]);
  expect(bytes()).toContain('zebra2zebra');
  file.delete({ beforeMs: 3 });
  expect(bytes()).not.toMatch(/zebra[12]zebra/);
  expect(file.expire(1_002)).toBe(0);
  expect(file.expire(1_003)).toBe(1);
  expect(bytes()).not.toContain('zebra3zebra');
});

test('it counts by key and model', () => {
  file.add([exchange(1), exchange(2), exchange(3, { model: 'gpt-4.1', conversation: 'c2' })]);
  expect(file.counts()).toMatchObject([
    { caller: 'bot', model: 'gpt-4.1', answers: 1, conversations: 1 },
    { caller: 'bot', model: 'gpt-4o', answers: 2, conversations: 1, oldestMs: 1, newestMs: 2 },
  ]);
});

test('a file of a later version is refused, and its mode is not touched', () => {
  file.close();
  const db = new DatabaseSync(path);
  db.exec('PRAGMA user_version = 99');
  db.close();
  chmodSync(path, 0o644);
  expect(() => openCollected(path)).toThrow(/later version/);
  expect(modeOf(path)).toBe(0o644);
  new DatabaseSync(path).exec('PRAGMA user_version = 1');
  file = openCollected(path);
  expect(modeOf(path)).toBe(0o600);
});

test("another program's database is refused, and nothing is written into it", () => {
  const other = join(folder, 'other.db');
  const db = new DatabaseSync(other);
  db.exec('CREATE TABLE notes (text TEXT)');
  db.close();
  const before = readFileSync(other);
  expect(() => openCollected(other)).toThrow(/database of another program/);
  expect(readFileSync(other)).toEqual(before);
});

test('nor is that of a file that is no database', () => {
  const other = join(folder, 'notes.txt');
  writeFileSync(other, 'These are notes of mine, and no database at all.\n'.repeat(40));
  chmodSync(other, 0o644);
  expect(() => openCollected(other)).toThrow(/not a database/);
  expect(modeOf(other)).toBe(0o644);
});
