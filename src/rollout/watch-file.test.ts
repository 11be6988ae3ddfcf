import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { watchPolicyFile } from './watch-file.ts';

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

function watched() {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-watch-'));
  const file = join(folder, 'p.yaml');
  writeFileSync(file, 'a');
  let changes = 0;
  const end = watchPolicyFile(file, () => (changes += 1));
  ended.push(end, () => rmSync(folder, { recursive: true }));
  return { folder, file, changes: () => changes, end };
}

test.each([
  ['written', (file: string) => writeFileSync(file, 'b')],
  [
    'replaced, as editors do',
    (file: string) => {
      writeFileSync(`${file}~`, 'b');
      renameSync(`${file}~`, file);
    },
  ],
  [
    'a link through another one that is swapped, as Kubernetes does',
    (file: string) => symlinkSync('nowhere', join(file, '..', '..data')),
  ],
])('a file that is %s counts as changed', async (_, change) => {
  const { file, changes } = watched();
  change(file);
  await expect.poll(changes).toBe(1);
});

test('several writes in a row are one change', async () => {
  const { file, changes } = watched();
  for (const text of ['b', 'c', 'd']) writeFileSync(file, text);
  await expect.poll(changes).toBe(1);
});

test('a file that never rests is read all the same', async () => {
  const { file, changes } = watched();
  const writing = setInterval(() => writeFileSync(file, 'b'), 20);
  ended.push(() => clearInterval(writing));
  await expect.poll(changes, { timeout: 10_000 }).toBe(1);
});

test('a change of another file in the folder is ignored', async () => {
  const { folder, changes } = watched();
  const neighbour = join(folder, 'state.db');
  let seen = 0;
  // Its watcher starts later, so it fires after the policy's watcher.
  ended.unshift(watchPolicyFile(neighbour, () => (seen += 1)));
  writeFileSync(neighbour, 'x');
  await expect.poll(() => seen).toBe(1);
  expect(changes()).toBe(0);
});

test('a shipped policy, which is no path, is not watched', () => {
  expect(() => watchPolicyFile('default', () => {})()).not.toThrow();
});
