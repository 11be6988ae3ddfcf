/** What was built, and whether it is of the sources that are there. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = join(ROOT, 'src');
/** Written last: a build that was cut short is no build. */
export const DONE = join(ROOT, 'dist/built.json');

/** Whether anything that the program is made of changed since it was built. */
export function isOlder(): boolean {
  const builtMs = statSync(DONE, { throwIfNoEntry: false })?.mtimeMs;
  if (builtMs === undefined) return true;
  const isNewer = (path: string): boolean => statSync(path).mtimeMs > builtMs;
  // A file that is gone changes its folder.
  const below = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' });
  return (
    below.some((path) => !path.startsWith('dashboard') && isNewer(join(SOURCES, path))) ||
    isNewer(join(ROOT, 'package-lock.json')) ||
    readdirSync(import.meta.dirname).some((name) => isNewer(join(import.meta.dirname, name)))
  );
}
