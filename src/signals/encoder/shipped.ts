/** The deep judge's head as it ships: read by its thread alone, for its size. */
import { readFileSync } from 'node:fs';
import type { DeepFile } from './deep-file.ts';

/** Not a module's value, which would be kept: what is judged with holds 2.4 MB of texts in numbers. */
export function readShippedDeep(): DeepFile {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(readFileSync(new URL('./deep.json', import.meta.url), 'utf8')) as DeepFile;
}
