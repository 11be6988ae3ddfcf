/** First starts at the same time, each in a thread of its own: SQLite's locks are those of processes. */
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from './open.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-open-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** All threads wait for each other, then open the path; each says why it could not. */
const OPENER = `
const { parentPort, workerData: { module, paths, gate, threads } } = require('node:worker_threads');
import(module).then(({ openDatabase }) => {
  const problems = [];
  paths.forEach((path, round) => {
    const all = threads * (round + 1);
    if (Atomics.add(gate, 0, 1) + 1 === all) Atomics.notify(gate, 0);
    for (let seen = Atomics.load(gate, 0); seen < all; seen = Atomics.load(gate, 0)) Atomics.wait(gate, 0, seen);
    try { openDatabase(path).close(); } catch (error) { problems.push(String(error)); }
  });
  parentPort.postMessage(problems);
});`;

function openers(paths: readonly string[], threads: number): Promise<readonly string[]> {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const module = new URL('open.ts', import.meta.url).href;
  const one = () =>
    new Promise<readonly string[]>((resolve, reject) => {
      const worker = new Worker(OPENER, {
        eval: true,
        workerData: { module, paths, gate, threads },
      });
      worker.once('message', resolve).once('error', reject);
    });
  return Promise.all(Array.from({ length: threads }, one)).then((all) => all.flat());
}

test('all of the first starts at once make the folders and the file, or find them', async () => {
  const paths = Array.from({ length: 40 }, (_, round) =>
    join(folder, `${round}`, 'a', 'b', 'state.db'),
  );
  expect(await openers(paths, 4)).toEqual([]);
});

test.each([
  ['that everybody may read is closed to all but its owner', 0o644, 0o600],
  ['that a group may read stays as it is', 0o640, 0o640],
])('a file %s', (_what, before, after) => {
  const path = join(folder, `${before}.db`);
  const files = ['', '-wal', '-shm'].map((end) => `${path}${end}`);
  // The files beside it are there while one has it open.
  using first = openDatabase(path);
  for (const file of files) chmodSync(file, before);
  using second = openDatabase(path);
  expect([first, second].every(({ isOpen }) => isOpen)).toBe(true);
  expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([after, after, after]);
});

test('a file that is none of ours keeps its mode', () => {
  const path = join(folder, 'notes.txt');
  writeFileSync(path, 'Not a database, and longer than nothing.');
  chmodSync(path, 0o644);
  expect(() => openDatabase(path)).toThrow();
  expect(statSync(path).mode & 0o777).toBe(0o644);
});
