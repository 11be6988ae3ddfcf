import { identifier, type Identified } from './ngrams.ts';
import table from './table.json' with { type: 'json' };
import words from './words.json' with { type: 'json' };

/** Names a text's language; undefined where there is nothing to read. */
export type Identify = (text: string) => Identified | undefined;

/** With the table and the words that ship. Unpacking takes some 20 ms: make one and hand it on. */
export const shippedIdentifier = (): Identify => identifier(table, words);
