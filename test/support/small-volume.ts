/** File systems of a few megabytes in memory, which fill up. Needs the right to mount one. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function mountVolume(folder: string, megabytes: number): void {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

export const unmountVolume = (folder: string): void => void execFileSync('umount', ['-l', folder]);

/** Leaves so many bytes free. Resolves to the file to remove for more. */
export function fillVolume(folder: string, leaveBytes: number): string {
  const { bavail, bsize } = statfsSync(folder);
  const filler = join(folder, 'filler');
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes), 1));
  return filler;
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-mount-'));
  try {
    mountVolume(folder, 1);
    unmountVolume(folder);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(folder);
  }
}

export const isMountable = canMount();
if (!isMountable) process.stderr.write('SKIPPED: nobody here may mount a file system\n');
