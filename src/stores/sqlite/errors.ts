/** Explains errors of the database file, and what to do about them. */
import { own } from '../../lib/own.ts';

/** SQLite's result codes, explained for operators. */
const BY_CODE: Readonly<Record<number, string>> = {
  5: 'another process holds it locked; stop that process, or choose another `store.path`',
  8: 'it cannot be written; give this user write permission on the file and its folder',
  10: 'the disk fails to read or write; look at the system log and the state of the disk',
  11: 'it is damaged; move it away (a new one is made) and recover what it holds with `sqlite3 FILE .recover`',
  13: 'the disk is full; free some space, records wait in memory meanwhile',
  14: 'it cannot be opened; see that its folder exists and this user may write there',
  26: 'it is not an SQLite database; move it away (a new one is made), or choose another `store.path`',
};

const BY_ERRNO: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there; change the permissions, or choose another `store.path`',
  EPERM: 'this user may not write there; change the permissions, or choose another `store.path`',
  ENOENT: 'its folder cannot be made there; choose another `store.path`',
  EROFS: 'the file system is read-only; choose another `store.path`',
  ENOTDIR: 'a part of the path is a file, not a folder; choose another `store.path`',
  EEXIST: 'a part of the path is a file, not a folder; choose another `store.path`',
  ENOSPC: 'the disk is full; free some space',
};

const CONSTRAINT = 19;
const MISMATCH = 20;
const TOO_BIG = 18;

/** True if one row is at fault, and not the file: a retry would not help. */
export function isAboutTheRow(error: unknown): boolean {
  const code = codeOf(error);
  return code === 0 || code === CONSTRAINT || code === MISMATCH || code === TOO_BIG;
}

const FULL = 13;

export const isDiskFull = (error: unknown): boolean => codeOf(error) === FULL;

/** What is refused before it is tried, because what must end needs the room. */
export const diskFull = (): Error =>
  Object.assign(new Error('only what must end is written'), { errcode: FULL });

/** SQLite's primary result code (extended ones keep it in their low byte); 0 for any other error. */
function codeOf(error: unknown): number {
  const hasCode = typeof error === 'object' && error !== null && 'errcode' in error;
  return hasCode && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
}

/** One sentence: which file, what is wrong, what to do. */
export function explain(error: unknown, path: string): string {
  const said = error instanceof Error ? error.message : String(error);
  const errno = error instanceof Error && 'code' in error ? String(error.code) : '';
  const advice = BY_CODE[codeOf(error)] ?? own(BY_ERRNO, errno);
  return `The store '${path}': ${advice === undefined ? said : `${advice} (${said})`}.`;
}
