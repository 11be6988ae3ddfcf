/** Reads pages that were built beside the program, at each request; they are absent if nobody built them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Seen from the sources and from what is built of them alike. */
const FOLDER = join(import.meta.dirname, '..', '..', '..', 'dist');

/** Undefined where it was not built. @param path - below the folder of what is built */
export async function builtFile(...path: readonly string[]): Promise<Buffer | undefined> {
  try {
    return await readFile(join(FOLDER, ...path));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What is shown where nobody built the pages. @param what - it is, and @param instead - what there is meanwhile, both as HTML */
export const notBuiltPage = (what: string, instead: string): string => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Smallfirst</title></head>
  <body>
    <h1>${what} not built</h1>
    <p>Packages were installed without scripts; build the pages with</p>
    <pre>npm run build:page</pre>
    <p>and load this address again. ${instead}</p>
  </body>
</html>
`;
