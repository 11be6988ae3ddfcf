/** The check `language`: the answer is in another language or script than the question. */
import { unitAt } from '../lib/text-units.ts';
import type { Check } from './check.ts';

/** The language of a text; undefined where that is not sure. */
export type LanguageOf = (text: string) => string | undefined;

/** Shorter texts are quoted words, names or codes in any language. */
const LEAST_LETTERS = 60;
/** Another language than the question's is asked for, or may be. */
const ASKED =
  /translat|traduc|tradui|[üu]bersetz|перев[ео]|翻译|翻譯|翻訳|번역|ترجم|अनुवाद|\b(?:in|into|to|auf|en|em|in het|po|på) (?:english|spanish|french|german|italian|portuguese|dutch|polish|russian|chinese|japanese|korean|arabic|hindi|turkish|swedish|latin|englisch|spanisch|deutsch|franz[öo]sisch|ingl[ée]s|espa[ñn]ol|alem[áa]n|franc[ée]s|italiano|portugu[ée]s|anglais|espagnol|allemand|inglese|spagnolo|tedesco|francese|engels|angielsku)\b|\blanguages?\b|\bidiomas?\b|\blangues?\b|\bsprachen?\b|lyrics|quote|cita\b/iu;

/** An answer in another language than the question's. */
export function language(languageOf: LanguageOf): Check {
  return {
    name: 'language',
    find: ({ text }, { task, system }) => {
      if (text.length < LEAST_LETTERS) return undefined;
      const said = prose(text);
      const asked = prose(task);
      if (!hasLetters(said, LEAST_LETTERS)) return undefined;
      const found = isInOtherScript(said, asked)
        ? 'it is in another script than the question'
        : otherLanguage(said, asked, languageOf);
      return found === undefined || ASKED.test(task) || ASKED.test(system()) ? undefined : found;
    },
  };
}

function otherLanguage(said: string, asked: string, languageOf: LanguageOf): string | undefined {
  if (!hasLetters(asked, LEAST_LETTERS / 2)) return undefined;
  const of = languageOf(said);
  const to = of === undefined ? undefined : languageOf(asked);
  return of === undefined || to === undefined || of === to
    ? undefined
    : `it is in ${of}, and the question in ${to}`;
}

/** Scripts other than the Latin one: a few letters tell them, where a language needs a sentence. */
const SCRIPTS = [
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]/gu,
  /\p{sc=Hang}/gu,
  /\p{sc=Deva}/gu,
  /\p{sc=Arab}/gu,
  /\p{sc=Cyrl}/gu,
  /\p{sc=Grek}/gu,
  /\p{sc=Hebr}/gu,
  /\p{sc=Thai}/gu,
] as const;
const LEAST_OF_SCRIPT = 4;
/** Most questions have none. */
const FOREIGN = /[^\p{ASCII}]/u;

/** The question is in a script other than the Latin one, and the answer, of sixty letters and more, has not one letter of it. */
function isInOtherScript(said: string, asked: string): boolean {
  if (!FOREIGN.test(asked)) return false;
  const latin = asked.match(/\p{sc=Latn}/gu)?.length ?? 0;
  return SCRIPTS.some((script) => {
    const letters = asked.match(script)?.length ?? 0;
    return letters >= Math.max(LEAST_OF_SCRIPT, 3 * latin) && said.search(script) < 0;
  });
}

/** Characters that are enough to tell a language. */
const MOST_UNITS = 300;

/** The beginning, without code, links and quotations. */
const prose = (text: string): string =>
  text
    .slice(0, MOST_UNITS)
    .replaceAll(/```[\s\S]*?(?:```|$)|`[^`\n]*`|https?:\S+|["“«„][^"”»“\n]*["”»“]/g, ' ')
    .trim();

function hasLetters(text: string, least: number): boolean {
  let count = 0;
  for (let at = 0, end = text.length; at < end && count < least; at += 1)
    if (isLetter(text, at)) count += 1;
  return count >= least;
}

/** At the first half of a surrogate pair for both. */
function isLetter(text: string, at: number): boolean {
  const unit = unitAt(text, at);
  if (unit > LAST_ASCII) return LETTER.test(String.fromCodePoint(text.codePointAt(at) ?? 0));
  // the bit that tells a small letter from a capital
  const small = unit | 0x20;
  return small >= 0x61 && small <= 0x7a;
}

const LAST_ASCII = 127;
const LETTER = /\p{L}/u;
