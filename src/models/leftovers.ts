/** Cleans up what killed downloads left in the model folder: the packages of npm and pip. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DownloadableModel } from './downloads.ts';
import { NPM_FOLDER } from './fetch-from-npm.ts';
import { isStale } from './file-lock.ts';

/**
 * Removes the temporary folders of no download under way, whichever process does it. Partial files stay: a hub's
 * are continued, npm's are written anew. The folders are unique: one that is made meanwhile is not removed.
 */
export async function removeLeftovers(
  folder: string,
  models: readonly DownloadableModel[],
): Promise<void> {
  const files = await readdir(folder).catch(() => []);
  for (const { name } of models) {
    const own = files.filter((file) => isTemporary(file, name));
    if (own.length === 0 || (await isLocked(join(folder, `${name}.gguf.lock`)))) continue;
    for (const file of own) await rm(join(folder, file), { recursive: true, force: true });
  }
}

/** Six characters are what `mkdtemp` appends: another model's name may begin with this one's. */
function isTemporary(file: string, model: string): boolean {
  const start = `${NPM_FOLDER}${model}-`;
  return file.startsWith(start) && file.length === start.length + 6;
}

async function isLocked(lock: string): Promise<boolean> {
  const isThere = await stat(lock).then(
    () => true,
    () => false,
  );
  return isThere && !(await isStale(lock));
}
