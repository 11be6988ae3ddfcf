/**
 * Packs ELD's smallest n-gram table into `src/signals/language/table.json`:
 * `node test/support/make-language-table.ts`. Run it again when the `eld` development dependency changes.
 */
import { readFileSync, writeFileSync } from 'node:fs';

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ngramHash } from '../../src/signals/language/ngrams.ts';

interface EldData {
  readonly languages: Readonly<Record<string, string>>;
  readonly ngrams: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const SIZE = process.argv[2] ?? 'extrasmall';
const folder = dirname(fileURLToPath(import.meta.resolve('eld/extrasmall')));
const load = async (file: string): Promise<Record<string, unknown>> =>
  import(join(folder, '..', file));
const version: unknown = JSON.parse(readFileSync(join(folder, '..', '..', 'package.json'), 'utf8'));
// The shape of the package's data files is known: this script is written for it.
const { ngramsData } = (await load(`ngrams/${SIZE}.js`)) as unknown as { ngramsData: EldData };
const { dictionary } = (await load('dictionary.js')) as unknown as { dictionary: string[] };

// Lower-case ASCII letters and the apostrophe keep their code, every other character gets a byte above 127.
const byteOf = new Map(dictionary.map((char, byte) => [char, byte] as const).slice(128));
const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text.split(''), (char) =>
    /[a-z']/.test(char) ? char.charCodeAt(0) : byteOf.get(char)!,
  );

const entries = Object.entries(ngramsData.ngrams);
const hashes = Buffer.alloc(entries.length * 4);
const counts = Buffer.alloc(entries.length);
const pairs: number[] = [];
const taken = new Map<number, string>();
entries.forEach(([ngram, scores], at) => {
  const bare = ngram.replaceAll(' ', '');
  const bytes = bytesOf(bare);
  const edges = (ngram.startsWith(' ') ? 1 : 0) | (ngram.endsWith(' ') ? 2 : 0);
  const hash = ngramHash(bytes, 0, bytes.length, edges);
  const other = taken.get(hash);
  if (other !== undefined) throw new Error(`"${ngram}" and "${other}" have one hash`);
  taken.set(hash, ngram);
  hashes.writeInt32LE(hash, at * 4);
  counts[at] = Object.keys(scores).length;
  for (const [language, value] of Object.entries(scores)) pairs.push(Number(language), value);
});

const table = {
  source: `ELD ${(version as { version: string }).version} (${SIZE}), Copyright 2023 Nito T.M., Apache-2.0, https://github.com/nitotm/efficient-language-detector-js`,
  languages: Object.values(ngramsData.languages),
  hashes: hashes.toString('base64'),
  counts: counts.toString('base64'),
  pairs: Buffer.from(pairs).toString('base64'),
};
writeFileSync(
  new URL('../../src/signals/language/table.json', import.meta.url),
  `${JSON.stringify(table, null, 2)}\n`,
);
