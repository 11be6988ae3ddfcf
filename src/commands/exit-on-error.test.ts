import { readFile } from 'node:fs/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { exitOnError } from './exit-on-error.ts';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function said(run: () => Promise<void>): Promise<string> {
  let text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await exitOnError(run);
  expect(process.exitCode).toBe(1);
  return text;
}

test.each([
  ['nope.json', "smallfirst: 'nope.json' cannot be used: there is no such file or folder.\n"],
  ['.', 'smallfirst: A file that was named cannot be used: it is a folder, not a file.\n'],
])('%s cannot be read, and is told in words', async (file, words) => {
  const read = async (): Promise<void> => {
    await readFile(file);
  };
  expect(await said(read)).toBe(words);
});

test('any other failure is told as it is', async () => {
  expect(await said(() => Promise.reject(new Error('No.')))).toBe('smallfirst: No.\n');
});
