/** A copy of what the package is built from: what is in `dist` here is run by other tests meanwhile. */
import { cpSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Neither sources of the package nor small. */
const LEFT: ReadonlySet<string> = new Set(['.git', 'dist', 'dist-exe', 'node_modules', 'test']);

/** @param folder - is made; gets copies of all but tests and what was built, and the installed packages by a link. */
export function ownCheckout(folder: string): void {
  for (const name of readdirSync('.'))
    if (!LEFT.has(name)) cpSync(name, join(folder, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
}
