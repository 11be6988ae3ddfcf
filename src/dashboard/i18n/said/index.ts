/** What the gateway says, in the page's language as far as it is known there. */
import { moment, plain } from '../../format.ts';
import { language, type Language } from '../../settings.ts';
import { codes } from './es/codes.ts';
import { es } from './es/index.ts';
import { phrasebook, type Translate } from './phrasebook.ts';

interface Said {
  readonly text: string;
  /** Of a sentence that stayed as it was. */
  readonly lang: 'en' | undefined;
}

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const FRACTION = /^-?\d+\.\d+$/;

/** Times by the page's zone, figures by its language. */
const shown = (part: string): string =>
  FRACTION.test(part)
    ? plain(Number(part))
    : part.replaceAll(INSTANT, (instant) => moment(Date.parse(instant)));

const books: Readonly<Record<Language, Translate | undefined>> = {
  en: undefined,
  es: phrasebook(es, shown),
};

export function said(sentence: string): Said {
  const other = books[language.value]?.(sentence);
  return other === undefined
    ? { text: shown(sentence), lang: language.value === 'en' ? undefined : 'en' }
    : { text: other, lang: undefined };
}

/** What an error code means, to stand before words that stayed as they were; undefined in English, or for a code of somebody else's. */
export const meaningOf = (code: string): string | undefined =>
  language.value === 'es' && Object.hasOwn(codes, code) ? codes[code] : undefined;
