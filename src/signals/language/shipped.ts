import { identifier, type Identified } from './ngrams.ts';
import table from './table.json' with { type: 'json' };
import words from './words.json' with { type: 'json' };

/** Names a text's language; undefined where there is nothing to read. */
export type Identify = (text: string) => Identified | undefined;

/** With the table and the words that ship. Unpacking takes some 20 ms: make one and hand it on. */
export const shippedIdentifier = (): Identify => identifier(table, words);

/** Below this another language is nearly as likely. */
const SURE = 0.8;

/** The language of a text, ISO 639-1; undefined where that is not sure. Its tables are opened when it is first asked. */
export function surelyWrittenIn(): (text: string) => string | undefined {
  let identify: Identify | undefined;
  return (text) => {
    identify ??= shippedIdentifier();
    const found = identify(text);
    return found !== undefined && found.confidence >= SURE ? found.language : undefined;
  };
}
