import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { identifier, type PackedTable } from './language/ngrams.ts';
import { meaning } from './meaning/meaning.ts';
import { stakesNetwork, type StoredStakes } from './stakes/network.ts';

const read = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));

/** Cut at a multiple of what the numbers are written in, where nothing else would show. */
const cut = (text: string): string => text.slice(0, 16);

test.each(['hashes', 'counts', 'pairs'] as const)(
  'a table of languages whose %s are cut is refused',
  (part) => {
    const table = read('./language/table.json') as PackedTable;
    expect(() => identifier({ ...table, [part]: cut(table[part]) }, {})).toThrow(
      'its parts do not fit each other',
    );
    expect(() => identifier({ ...table, [part]: '' }, {})).toThrow();
  },
);

test.each(['inward', 'inwardBias', 'outward', 'outwardBias', 'pieceWeights'] as const)(
  'weights of stakes whose %s are cut are refused',
  (part) => {
    const stored = read('./stakes/weights.json') as StoredStakes;
    expect(() => stakesNetwork({ ...stored, [part]: cut(stored[part]) }, meaning())).toThrow();
  },
);
