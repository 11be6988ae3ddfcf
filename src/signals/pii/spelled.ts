/** Addresses whose at sign and dots are written as words, in the languages served, or kept apart by blanks. */
import { canonical } from './canonical.ts';

/** Words for the two marks that one speaker uses together: English "at one point in" is no address. */
const PAIRS: readonly (readonly [at: string, dot: string])[] = [
  ['at|ät|klammeraffe|apestaart', 'dot|punkt'],
  ['arroba', 'punto|ponto|punt|dot'],
  ['arobase', 'point'],
  ['chiocciola', 'punto'],
  ['собака|собачка', 'точка'],
  ['アット', 'ドット'],
  ['艾特', '点'],
  ['골뱅이', '점|닷'],
];
/** As the canonical reading writes them, with Latin letters for look-alikes. */
const WORDS = PAIRS.map(([at, dot]) => [canonical(at), canonical(dot)] as const);
const AT = WORDS.map(([at]) => at).join('|');
const DOT = WORDS.map(([, dot]) => dot).join('|');

/** Those of small Latin letters: where none of them is, no letter beyond, and no mark of an address set apart, nothing is spelled out. */
export const SPELLING_WORDS: readonly string[] = PAIRS.flatMap((pair) =>
  pair.flatMap((words) => words.split('|')),
).filter((word) => /^[a-z]+$/.test(word));

const BRACKETED_AT = new RegExp(
  String.raw`\s*[<([{]\s*(?:${AT}|@)\s*[>)\]}]\s*|(?<=[a-z\d])\(a\)(?=[a-z\d])`,
  'giu',
);
const BRACKETED_DOT = new RegExp(String.raw`\s*[<([{]\s*(?:${DOT}|\.)\s*[>)\]}]\s*`, 'giu');
/** Without brackets a word for the dot must be there too: "ben at corp dot jp". */
const WORDED = WORDS.map(
  ([at, dot]) =>
    new RegExp(
      String.raw`(?<![\w.+-])([\w.+-]{1,64}?(?:[\s_-]{1,3}(?:${dot})[\s_-]{1,3}[\w-]{1,63}?){0,3})[\s_-]{1,3}(?:${at}|@)[\s_-]{1,3}([\w-]{1,63}?(?:[\s_-]{1,3}(?:${dot})[\s_-]{1,3}[a-z\d-]{2,63}){1,4})`,
      'giu',
    ),
);
const WORDED_DOT = new RegExp(String.raw`[\s_-]{1,3}(?:${DOT})[\s_-]{1,3}`, 'giu');
/** A local part that no word is: it has a dot or a digit within. */
const PLAIN_AT = new RegExp(
  String.raw`(?<![\w.+-])([a-z][\w+-]{0,40}[._\d][\w.+-]{0,40})\s{1,3}(?:${AT})\s{1,3}([a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){0,4}\.(?:[a-z]{2}|com|org|net|edu|gov|info|biz|name|mobi|app|dev|cloud|email|online|shop|site|tech|xyz|example|test|invalid))\b`,
  'giu',
);
const APART =
  /(?<![\w.+-])([\w.+-]{0,40}[a-z][\w.+-]{0,40})\s{0,3}@\s{0,3}([a-z\d-]{1,63}(?:(?: \. |\.)[a-z\d-]{1,63}){0,4}(?: \. |\.)(?:[a-z]{2}|com|org|net|edu|gov|info|biz|name|mobi|app|dev|cloud|email|online|shop|site|tech|xyz|example|test|invalid))\b/gi;
/** Each character by itself. */
const SPACED = /(?<!\S)(?:[\w@.+-] ){7,}[\w@.+-](?!\S)/g;
/** Behind an at sign that is one already. */
const WORDED_DOMAIN = new RegExp(
  String.raw`@([\w-]{1,63}?(?:[\s_-]{1,3}(?:${DOT})[\s_-]{1,3}[a-z\d-]{2,63}){1,4})`,
  'giu',
);
const DOTTED_APART = /(?<=[a-z\d]) \. (?=[a-z\d])/gi;

const MAY_BE = new RegExp(
  String.raw`(?:^|[\s_<([{-])(?:${AT}|${DOT}|@)(?:[\s_>)\]}-]|$)|\s@|@\s|\s\.\s|[<([{]\.[>)\]}]|(?:^|\s)(?:\S ){7}`,
  'iu',
);

const dotted = (words: string): string => words.replaceAll(WORDED_DOT, '.');

/** The text with such addresses as they are meant; the text itself where there is none. */
export function unspelled(text: string): string {
  if (!MAY_BE.test(text) && !text.includes('(a)')) return text;
  let read = text;
  for (const form of WORDED)
    read = read.replaceAll(
      form,
      (_, local: string, domain: string) => `${dotted(local)}@${dotted(domain)}`,
    );
  return read
    .replaceAll(BRACKETED_AT, '@')
    .replaceAll(BRACKETED_DOT, '.')
    .replaceAll(WORDED_DOMAIN, (_, domain: string) => `@${dotted(domain)}`)
    .replaceAll(SPACED, (run) => run.replaceAll(' ', ''))
    .replaceAll(PLAIN_AT, '$1@$2')
    .replaceAll(
      APART,
      (_, local: string, domain: string) => `${local}@${domain.replaceAll(/\s/g, '')}`,
    )
    .replaceAll(DOTTED_APART, '.');
}
