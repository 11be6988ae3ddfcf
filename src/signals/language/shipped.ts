import { readFileSync } from 'node:fs';
import { shippedFile } from '../../lib/shipped-file.ts';
import { identifier, type Identified, type PackedTable } from './ngrams.ts';
import words from './words.json' with { type: 'json' };

/** Names a text's language; undefined where there is nothing to read. */
export type Identify = (text: string) => Identified | undefined;

/** Words that Malay has and Indonesian has not: the table knows only one name for both. */
const MALAY =
  /(?<!\p{L})(?:awak|kerana|kereta|wang|tak|nak|ialah|boleh tak|macam mana|bilakah|sekarang ni|kerap)(?!\p{L})/iu;

let shipped: ReturnType<typeof identifier> | undefined;

/** With the table and the words that ship, unpacked once a process: it answers one caller after another. */
export function shippedIdentifier(): Identify {
  const identify = (shipped ??= shippedFile('signals/language/table.json', () =>
    identifier(readTable(), words),
  ));
  return (text) => {
    const found = identify(text);
    if (found?.language !== 'ms' || MALAY.test(text)) return found;
    return { ...found, language: 'id' };
  };
}

/** Not a module's value, which would be kept: its numbers are .5 MB of text. */
const readTable = (): PackedTable =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  JSON.parse(readFileSync(new URL('./table.json', import.meta.url), 'utf8')) as PackedTable;

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
