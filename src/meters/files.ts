/** The file system as meters use it, so that a test can replace the kernel's files. */
import { readdir, readFile } from 'node:fs/promises';

export interface Files {
  /** Names in a folder; none where there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** @throws what `node:fs` throws */
  read(path: string): Promise<string>;
}

export const realFiles: Files = {
  list: async (folder) => {
    try {
      return await readdir(folder);
    } catch {
      return [];
    }
  },
  read: (path) => readFile(path, 'utf8'),
};

/** Undefined where the file is missing, unreadable or holds no number. */
export async function numberIn(files: Files, path: string): Promise<number | undefined> {
  const text = await textIn(files, path);
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Without blanks around it; undefined where the file cannot be read. */
export async function textIn(files: Files, path: string): Promise<string | undefined> {
  try {
    return (await files.read(path)).trim();
  } catch {
    return undefined;
  }
}
