/** Reads the labelled routing data, which is not part of the project, from the folder in `SMALLFIRST_ROUTING_DATA`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** The path of a data file, in that folder or in its `train`; undefined if the variable is not set or the file is missing. */
export function routingFile(name: string): string | undefined {
  const folder = process.env['SMALLFIRST_ROUTING_DATA'];
  if (folder === undefined) return undefined;
  return [join(folder, name), join(folder, 'train', name)].find((path) => existsSync(path));
}

/** The rows of a gzipped JSONL file. */
export const readRows = (file: string): unknown[] =>
  gunzipSync(readFileSync(file))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
