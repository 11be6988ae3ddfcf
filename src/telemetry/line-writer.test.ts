import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lineWriter } from './line-writer.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

type Done = (error: NodeJS.ErrnoException | null, written: number) => void;

/** A file whose state the test sets. */
function started() {
  const file = { fails: undefined as string | undefined, takes: Infinity, text: '' };
  const said: string[] = [];
  const writeFile = (_: number, bytes: Buffer, done: Done): void => {
    if (file.fails !== undefined) {
      done(Object.assign(new Error('no'), { code: file.fails }), 0);
      return;
    }
    const taken = bytes.subarray(0, file.takes);
    file.text += taken.toString();
    done(null, taken.length);
  };
  const writer = lineWriter({ fd: -1, say: (line) => said.push(line), writeFile });
  const lines = (...texts: readonly string[]): void => {
    for (const text of texts) writer.write(`${text}\n`);
    vi.advanceTimersByTime(300);
  };
  return { file, said, writer, lines };
}

test('a full volume costs its lines, is said once, and is tried again after five seconds', () => {
  const { file, said, writer, lines } = started();
  lines('a');
  file.fails = 'ENOSPC';
  lines('b', 'c');
  lines('d');
  expect(writer.dropped()).toBe(3);
  expect(said).toEqual([expect.stringContaining('ENOSPC')]);
  file.fails = undefined;
  lines('e');
  expect(file.text).toBe('a\n');
  vi.advanceTimersByTime(5_000);
  lines('f');
  expect(file.text).toBe('a\nf\n');
  expect(said).toEqual([expect.any(String), expect.stringContaining('4 lines were lost')]);
  writer.close();
});

test('what a file takes only in part is written to its end', () => {
  const { file, writer, lines } = started();
  file.takes = 2;
  lines('abcdefg', 'hijk');
  expect(file.text).toBe('abcdefg\nhijk\n');
  expect(writer.dropped()).toBe(0);
  writer.close();
});

test('a pipe that is full for a moment is waited for', () => {
  const { file, writer, lines } = started();
  file.fails = 'EAGAIN';
  lines('a');
  file.fails = undefined;
  lines('b');
  expect(file.text).toBe('a\nb\n');
  expect(writer.dropped()).toBe(0);
  writer.close();
});

test('at the end one try is made, and its lines are counted', () => {
  const { file, writer } = started();
  file.fails = 'EAGAIN';
  writer.write('a\n');
  writer.close();
  expect(writer.dropped()).toBe(1);
});
