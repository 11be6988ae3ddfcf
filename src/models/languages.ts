/** The languages that a model was made for, as its card lists them. */
import type { ReferenceModel } from './reference-model.ts';

/** ISO 639-1, by the names that cards use. */
const CODES: ReadonlyMap<string, string> = new Map([
  ['Arabic', 'ar'],
  ['Chinese', 'zh'],
  ['Czech', 'cs'],
  ['Dutch', 'nl'],
  ['English', 'en'],
  ['French', 'fr'],
  ['German', 'de'],
  ['Hindi', 'hi'],
  ['Italian', 'it'],
  ['Japanese', 'ja'],
  ['Korean', 'ko'],
  ['Portuguese', 'pt'],
  ['Spanish', 'es'],
  ['Thai', 'th'],
]);

/** Codes of ISO 639-1; undefined where its card names only some of them, or says how many they are. */
export function languagesOf({
  languages,
}: Pick<ReferenceModel, 'languages'>): readonly string[] | undefined {
  const codes = languages.split(', ').map((name) => CODES.get(name));
  return codes.every((code) => code !== undefined) ? codes : undefined;
}
