/** Pages that were built beside the program: read at each request, and absent where nobody built them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Seen from the sources and from what is built of them alike. */
const FOLDER = join(import.meta.dirname, '..', '..', 'dist');

/** Undefined where it was not built. @param path - below the folder of what is built */
export async function builtFile(...path: readonly string[]): Promise<Buffer | undefined> {
  try {
    return await readFile(join(FOLDER, ...path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
