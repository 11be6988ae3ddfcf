/** The labelled routing data, which is not part of the project: `SMALLFIRST_ROUTING_DATA`, else beside the checkout. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export function routingFile(name: string): string | undefined {
  const folder = process.env['SMALLFIRST_ROUTING_DATA'] ?? '../shared/data/routing';
  const file = [join(folder, name), join(folder, 'train', name)].find((path) => existsSync(path));
  return file;
}

/** The rows of a gzipped JSONL file. */
export const readRows = (file: string): unknown[] =>
  gunzipSync(readFileSync(file))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
