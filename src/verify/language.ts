/** The check `language`: the answer is in another language or script than the question. */
import { unitAt } from '../lib/text-units.ts';
import type { Check } from './check.ts';
import { asksForLanguage } from './language-asked.ts';
import { clearLanguage, shownWords, type ShownWords } from './sentence-words.ts';

/** The language of a text; undefined where that is not sure. */
export type LanguageOf = (text: string) => string | undefined;

/** From so many letters on the identifier alone is believed; a shorter text may be a name, a title or a code, and must say by its words that it is a sentence. */
const LONG = 60;
/** Fewer letters of an answer say nothing. */
const LEAST_SAID = 4;
/** The end of a sentence, which names, titles and codes seldom have. */
const ENDS = /[.!?…。！？।؟]["')”»\]]*$/u;

/** An answer in another language than the question's. */
export function language(languageOf: LanguageOf): Check {
  return {
    name: 'language',
    find: ({ text }, { task, system }) => {
      const said = prose(text);
      if (!hasLetters(said, LEAST_SAID)) return undefined;
      const isLong = hasLetters(said, LONG);
      const isSentence = isLong || ENDS.test(said);
      // Most short answers: no sentence, and in letters that all languages use.
      if (!isSentence && !FOREIGN.test(said)) return undefined;
      const asked = prose(task);
      const answer = { said, asked, isLong, isSentence };
      const found = otherScript(answer, languageOf) ?? otherLanguage(answer, languageOf);
      return found === undefined || asksForLanguage(task) || asksForLanguage(system())
        ? undefined
        : found;
    },
  };
}

interface Answer {
  readonly said: string;
  readonly asked: string;
  readonly isLong: boolean;
  readonly isSentence: boolean;
}

function otherLanguage(answer: Answer, languageOf: LanguageOf): string | undefined {
  const { said, asked, isLong, isSentence } = answer;
  if (!isSentence) return undefined;
  const found = isLong ? ofLong(said, asked, languageOf) : ofShort(said, asked, languageOf);
  if (found === undefined || found.of === found.to) return undefined;
  return `it is in ${found.of}, and the question in ${found.to}`;
}

interface Found {
  readonly of: string;
  readonly to: string;
}

function ofLong(said: string, asked: string, languageOf: LanguageOf): Found | undefined {
  const of = languageOf(said);
  if (of === undefined) return undefined;
  const named = identified(asked, languageOf);
  if (named === of) return undefined;
  const spoken = shownWords(asked);
  const to = named ?? clearLanguage(spoken);
  return to === undefined || ownWords(spoken, of) >= MIXED ? undefined : { of, to };
}

/** By their words, and the identifier must agree. A task that holds a word of the answer's language may ask for it: "Summarise: …". */
function ofShort(said: string, asked: string, languageOf: LanguageOf): Found | undefined {
  const words = shownWords(said);
  const of = isClause(words, LEAST_WORDS) ? clearLanguage(words) : undefined;
  if (of === undefined) return undefined;
  const spoken = shownWords(asked);
  const to = clearLanguage(spoken) ?? identified(asked, languageOf);
  if (to === undefined || ownWords(spoken, of) > 0 || ownWords(words, to) > 0) return undefined;
  return languageOf(said) === of ? { of, to } : undefined;
}

const ownWords = ({ byLanguage }: ShownWords, code: string): number =>
  byLanguage.get(code)?.own ?? 0;

/** So many words of another language in a question are no name or title. */
const MIXED = 2;

const identified = (asked: string, languageOf: LanguageOf): string | undefined =>
  hasLetters(asked, LONG / 2) ? languageOf(asked) : undefined;

/** It has a verb or a pronoun. */
const isClause = ({ words, byLanguage }: ShownWords, least: number): boolean =>
  words >= least && [...byLanguage.values()].some(({ saying }) => saying > 0);

/** Titles and slogans that are whole sentences have fewer words; more so where another script is to be told. */
const LEAST_WORDS = 5;
const LEAST_LATIN_WORDS = 4;

/** Scripts other than the Latin one: a few letters tell them, where a language needs a sentence. */
const SCRIPTS: readonly Script[] = [
  // Each says a syllable or a word.
  { letters: /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]/gu, least: 2, sentence: 6 },
  { letters: /\p{sc=Hang}/gu, least: 2, sentence: 6 },
  { letters: /\p{sc=Deva}/gu, least: 4, sentence: 10 },
  { letters: /\p{sc=Arab}/gu, least: 4, sentence: 10 },
  { letters: /\p{sc=Cyrl}/gu, least: 4, sentence: 10 },
  { letters: /\p{sc=Grek}/gu, least: 4, sentence: 10 },
  { letters: /\p{sc=Hebr}/gu, least: 4, sentence: 10 },
  { letters: /\p{sc=Thai}/gu, least: 4, sentence: 10 },
];

interface Script {
  readonly letters: RegExp;
  /** So many letters are no sign or abbreviation. */
  readonly least: number;
  /** So many may be a sentence. */
  readonly sentence: number;
}

/** Most questions and answers have none. */
const FOREIGN = /[^\p{ASCII}]/u;

const ELSEWHERE = 'it is in another script than the question';

/** The answer has not one letter of the question's script, and is a sentence in another. */
function otherScript(answer: Answer, languageOf: LanguageOf): string | undefined {
  const { said, asked } = answer;
  const ofAsked = scriptOf(asked, ({ least }) => least);
  const ofSaid = scriptOf(said, ({ sentence }) => sentence);
  if (ofAsked === undefined)
    return ofSaid !== undefined && isFromLatin(answer, ofSaid) ? ELSEWHERE : undefined;
  if (said.search(ofAsked.letters) >= 0)
    return isJapaneseForChinese(answer) ? 'it is in ja, and the question in zh' : undefined;
  if (ofSaid !== undefined) return ELSEWHERE;
  return isLatinSentence(answer, languageOf) ? ELSEWHERE : undefined;
}

/** The script of most of its letters, where that is not the Latin one. */
function scriptOf(text: string, least: (script: Script) => number): Script | undefined {
  if (!FOREIGN.test(text)) return undefined;
  const latin = text.match(/\p{sc=Latn}/gu)?.length ?? 0;
  return SCRIPTS.find(
    (script) => (text.match(script.letters)?.length ?? 0) >= Math.max(least(script), 3 * latin),
  );
}

/** The question is clearly in a language that is written with Latin letters: Hindi and Russian are, too, where the keyboard has no others. */
const isFromLatin = ({ asked, isSentence }: Answer, { letters }: Script): boolean =>
  isSentence && clearLanguage(shownWords(asked)) !== undefined && asked.search(letters) < 0;

/** No name, list, title or line of code. */
function isLatinSentence({ said, isLong, isSentence }: Answer, languageOf: LanguageOf): boolean {
  if (!isSentence) return false;
  const words = shownWords(said);
  if (isLong) return languageOf(said) !== undefined || clearLanguage(words) !== undefined;
  if (!isClause(words, LEAST_LATIN_WORDS)) return false;
  return clearLanguage(words) !== undefined || words.known >= LEAST_KNOWN;
}

/** So many common words of whatever languages. */
const LEAST_KNOWN = 3;

/** Both are written with Han; Japanese sentences have other letters beside. */
const KANA = /[\p{sc=Hira}\p{sc=Kana}]/gu;
const isJapaneseForChinese = ({ said, asked, isSentence }: Answer): boolean =>
  isSentence &&
  (said.match(KANA)?.length ?? 0) >= 3 &&
  CHINESE.test(asked) &&
  asked.search(KANA) < 0;
/** Characters of Chinese that Japanese does not write. */
const CHINESE = /[们吗么这没说让对为时您给还哪几谁请订单]/u;

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
