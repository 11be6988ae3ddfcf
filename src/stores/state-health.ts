/** Whether the state of an installation can be used: for `doctor`. Changes nothing. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface StateHealth {
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly words: string;
}

const MEGABYTE = 1e6;

/** A file that is not there yet is made at the start, so its folder must be writable. */
export function fileHealth(path: string): StateHealth {
  if (!existsSync(path)) {
    const folder = nearestFolder(dirname(path));
    return isWritable(folder)
      ? { verdict: 'ok', words: `${path} is made at the first start` }
      : {
          verdict: 'fail',
          words: `${folder} cannot be written: give the gateway's user the folder`,
        };
  }
  if (!isWritable(path))
    return { verdict: 'fail', words: `${path} cannot be written: give it to the gateway's user` };
  const megabytes = (statSync(path).size / MEGABYTE).toFixed(1);
  try {
    const db = new DatabaseSync(path, { readOnly: true });
    try {
      const told = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
      if (told === 'ok') return { verdict: 'ok', words: `${path}, ${megabytes} MB, whole` };
      return { verdict: 'fail', words: `${path} is damaged (${String(told)}): restore a backup` };
    } finally {
      db.close();
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    return { verdict: 'fail', words: `${path} cannot be opened (${why}): restore a backup` };
  }
}

const nearestFolder = (folder: string): string =>
  existsSync(folder) ? folder : nearestFolder(dirname(folder));

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
