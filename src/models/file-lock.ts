/** A lock file: keeps two processes from fetching the same file at once. */
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 250;

/** Heartbeat of the holder: a process id is no proof of life where containers share a folder. */
const BEAT_MS = 5000;
const STALE_MS = 6 * BEAT_MS;

/**
 * Acquires the lock file `path`, which contains the holder's process id. A lock whose process is gone, or has
 * not touched it for 30 s, is taken over. Dispose to release it. Rejects on abort.
 */
export async function fileLock(path: string, abort: AbortSignal): Promise<AsyncDisposable> {
  for (;;) {
    abort.throwIfAborted();
    if (await created(path)) return acquired(path);
    if (await isStale(path)) await rm(path, { force: true });
    else await pause(POLL_MS, undefined, { signal: abort, ref: false });
  }
}

async function created(path: string): Promise<boolean> {
  try {
    await using file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function acquired(path: string): AsyncDisposable {
  const beat = setInterval(() => {
    const now = new Date();
    // The lock may have been removed by hand: that is no error.
    utimes(path, now, now).catch(() => undefined);
  }, BEAT_MS);
  beat.unref();
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(beat);
      await rm(path, { force: true });
    },
  };
}

/** Whether a lock is there whose process is gone, or has not touched it for 30 s. */
export async function isStale(path: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > STALE_MS) return true;
    const pid = Number(await readFile(path, 'utf8'));
    // Empty: its holder is between creating and writing it.
    if (pid > 0) process.kill(pid, 0);
    return false;
  } catch (error) {
    // ENOENT: released in the meantime. EPERM: alive, of another user.
    return isCode(error, 'ESRCH');
  }
}

/** Whether a system error has this code. */
export const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
