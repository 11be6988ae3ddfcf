/**
 * Watches over the database's file: that it is still the one that was opened, and that there is room for what must end. A ballast beside
 * it is given up when the disk is full: from then on only ends are written, until there is space for it again.
 */
import { randomFillSync } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { READABLE_BY_OWNER } from '../../lib/file-mode.ts';

export interface FileGuard {
  /** @throws Error where the file was deleted, or replaced by another */
  check(): void;
  /** Whether only ends may be written. Looks for space, and lays the ballast again. */
  isFull(): boolean;
  /** The disk is full. True where the ballast made room: what must end may be tried again. */
  wasFull(): boolean;
  /** Lays the ballast where there is none. */
  lay(): void;
}

/** Ends of a thousand attempts take less than half of it. */
const BALLAST_BYTES = 2 * 1024 * 1024;
/** The ballast is laid again when it takes at most a fourth of what is free. */
const ENOUGH = 4;

export function fileGuard(path: string): FileGuard {
  if (path === ':memory:') return NO_GUARD;
  const ballast = `${path}.ballast`;
  const opened = statSync(path).ino;
  let isFull = false;
  const lay = (): void => {
    if (existsSync(ballast)) return;
    try {
      layBallast(ballast);
    } catch {
      rmSync(ballast, { force: true });
    }
  };
  return {
    check: () => {
      const now = statSync(path, { throwIfNoEntry: false })?.ino;
      if (now === opened) return;
      const what = now === undefined ? 'deleted' : 'replaced by another';
      throw new Error(
        `the file was ${what} while it was in use; stop the gateway, and put the file back before it starts again`,
      );
    },
    isFull: () => {
      if (isFull && hasSpace(path)) {
        lay();
        isFull = !existsSync(ballast);
      }
      return isFull;
    },
    wasFull: () => {
      isFull = true;
      const hadBallast = existsSync(ballast);
      rmSync(ballast, { force: true });
      return hadBallast;
    },
    lay,
  };
}

const NO_GUARD: FileGuard = {
  check: () => {},
  isFull: () => false,
  wasFull: () => false,
  lay: () => {},
};

/** Not zeros, which a file system may store as nothing. */
function layBallast(file: string): void {
  const opened = openSync(file, 'wx', READABLE_BY_OWNER);
  try {
    writeSync(opened, randomFillSync(Buffer.alloc(BALLAST_BYTES)));
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

function hasSpace(path: string): boolean {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize >= ENOUGH * BALLAST_BYTES;
}
