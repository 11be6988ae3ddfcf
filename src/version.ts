import { readFileSync } from 'node:fs';

/** The package's manifest: it is beside both `src/` and `dist/`. */
const PACKAGE = new URL('../package.json', import.meta.url);

export const version = versionIn(JSON.parse(readFileSync(PACKAGE, 'utf8')));

function versionIn(parsed: unknown): string {
  const found =
    typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : '';
  return String(found);
}
