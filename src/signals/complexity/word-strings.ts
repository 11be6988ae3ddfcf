/**
 * Finds strings of words that no language joins, at the beginning or end of a request: "theorem lemma eigenvalue homotopy". They are
 * appended to make a request look harder; a real request has articles, prepositions or pronouns among so many words.
 */
import { unitAt } from '../../lib/text-units.ts';
import { bare } from './tokens.ts';
import { joins } from './word-lists.ts';

/** Of them those that a question or an order begins with. */
const BEGINNING = new Set(
  `what how why who when where which can could is are do does did should will would tell give show explain write make
  please i i'm my what's whats como cual quien cuando donde por dime explica escribe puedo puede quiero tengo mi
  comment pourquoi quel quelle est-ce je peux mon wie was warum wer wann wo kann ich bitte schreib o que qual quem
  quando onde posso eu come perche chi dove hoe wat waarom wie waar ik`.split(/\s+/),
);
/** Words that ask for something and do not say what. */
const ORDERS = new Set(
  `implement implementation design create build develop generate code program need want prove derive optimise optimize
  add fix produce provide help compute describe draft prepare implementa disena crea genera programa necesito quiero
  demuestra escribeme hazme implementiere entwirf erstelle baue programmiere schreibe beweise brauche implemente concois
  cree ecris developpe demontre programme implementar projete crie escreva desenvolva prove implementa progetta scrivi
  sviluppa dimostra`.split(/\s+/),
);
const LEAST_LETTERS = 3;
/**
 * What stands before a string of words in its sentence: so many words are one, and its first so many may belong to it
 * ("with beautiful soup", "30 days").
 */
const BEFORE = {
  joining: { least: 4, kept: 1 },
  comma: { least: 5, kept: 2 },
  number: { least: 5, kept: 2 },
  sign: { least: 4, kept: 0 },
  word: { least: 0, kept: 0 },
} as const;
/** One with a sentence or a line of its own. */
const LEAST_APART = 3;
/** One with a line of its own and commas between. */
const LEAST_LISTED = 5;
/** At the beginning. */
const LEAST_FIRST = 4;
/** The rest must have this many words, and one joining word for this many; else its language is unknown here. */
const LEAST_REST = 3;
const MOST_BETWEEN = 6;
/** Units of what stays that are looked at for it, and tokens of a string. */
const REACH = 240;
const MOST_TOKENS = 60;

const SPACE = 0x20;
const LINE_FEED = 0x0a;
const LETTERS = /^[\p{L}\p{M}'’-]+$/u;
const LATIN = /[a-z]/i;
/** Not of Latin, nor of an alphabet that it is mixed with in formulas. */
const OTHER_LETTER = /[\u0400-\u1fff\u3040-\ud7ff]/;
const SENTENCE_END = /[.!?。！？]$/;
const SENTENCE_BEGIN = /^[^a-z]*\p{Lu}|^[¿¡]|^[^a-z]+$/u;
const BULLET = /^(?:[-*•]|\d+[.)])$/;
/** The text without such strings. It looks at a bounded part of the text. */
export function withoutWordStrings(text: string): string {
  const { cut, rest } = stringAtEnd(text);
  const before = text.slice(Math.max(0, rest - REACH), rest);
  const isCut = cut < text.length && isKnown(before) && (cut === rest || isAbout(before));
  const kept = isCut ? text.slice(0, cut).trimEnd() : text;
  const from = stringAtBegin(kept);
  return from > 0 && isKnown(kept.slice(from, from + REACH)) ? kept.slice(from) : kept;
}

interface Cut {
  /** Where the string of words begins; the text's length where there is none. */
  readonly cut: number;
  /** Where that ends which surely is none of it. */
  readonly rest: number;
}

/** A string of words that the text ends with. */
function stringAtEnd(text: string): Cut {
  const none = { cut: text.length, rest: text.length };
  /** Where the tokens behind begin, from the last one on. */
  const starts = [text.length];
  const start = (back: number): number => starts.at(-1 - back) ?? text.length;
  const all = (least: number, kept: number, count: number): Cut =>
    count < least ? none : { cut: start(kept), rest: start(0) };
  let [words, isList] = [0, false];
  while (starts.length < MOST_TOKENS) {
    const { from, to, isNewLine } = tokenBefore(text, start(0));
    const token = text.slice(from, to);
    const kind = roleOf(token, words, isNewLine);
    if (kind === 'stop') break;
    if (kind === 'apart') return all(isList ? LEAST_LISTED : LEAST_APART, 0, words);
    const { least, kept } = BEFORE[kind];
    if (continues(kind, isList || words < least)) {
      words += 1;
      isList ||= kind === 'comma' && words > 1;
    } else if (words > 0 || kind !== 'sign') return isList ? none : all(least, kept, words);
    starts.push(from);
  }
  return none;
}

/** Whether a string of words may go on before it. */
const continues = (kind: Kind, isListOrShort: boolean): boolean =>
  kind === 'word' || (kind === 'comma' && isListOrShort);

/** `apart`: a sentence or a line ends there; `stop`: there is no string of words. */
function roleOf(token: string, words: number, isNewLine: boolean): Kind | 'apart' | 'stop' {
  if (token === '' || BULLET.test(token)) return 'stop';
  if (words > 0 && (isNewLine || SENTENCE_END.test(token))) return 'apart';
  return token.includes('?') ? 'stop' : kindOf(token);
}

/** What stands between white space before `end`, and whether a line ends behind it. */
function tokenBefore(text: string, end: number): { from: number; to: number; isNewLine: boolean } {
  let [to, isNewLine] = [end, false];
  for (; to > 0 && unitAt(text, to - 1) <= SPACE; to -= 1)
    isNewLine ||= unitAt(text, to - 1) === LINE_FEED;
  let from = to;
  while (from > 0 && to - from < REACH && unitAt(text, from - 1) > SPACE) from -= 1;
  return { from, to, isNewLine };
}

type Kind = keyof typeof BEFORE;

function kindOf(token: string): Kind {
  const word = bare(token);
  if (!LATIN.test(word)) return /\d/.test(word) ? 'number' : 'sign';
  if (joins(word)) return 'joining';
  if (!LETTERS.test(word)) return 'sign';
  return /[,;:]$/.test(token) ? 'comma' : 'word';
}

/** Where the request begins behind a string of words; 0 where there is none. */
function stringAtBegin(text: string): number {
  let at = 0;
  for (let words = 0; words < MOST_TOKENS; words += 1) {
    while (at < text.length && unitAt(text, at) <= SPACE) at += 1;
    let to = at;
    while (to < text.length && to - at < REACH && unitAt(text, to) > SPACE) to += 1;
    const token = text.slice(at, to);
    const isLoose = !joins(token) && LETTERS.test(token) && LATIN.test(token);
    if (!isLoose) return words >= LEAST_FIRST && begins(token) ? at : 0;
    at = to;
  }
  return 0;
}

const begins = (token: string): boolean =>
  SENTENCE_BEGIN.test(token) || BEGINNING.has(token.toLowerCase());

/** Whether the rest says something by itself: more than "can you write me a". */
function isAbout(text: string): boolean {
  if (OTHER_LETTER.test(text)) return true;
  const [, ...tokens] = text.trim().split(/\s+/);
  return tokens.some((token) => {
    const word = bare(token);
    return word.length >= LEAST_LETTERS && !joins(word) && !ORDERS.has(word.toLowerCase());
  });
}

/** Whether what stays is of a language in which words are joined, or of other letters. */
function isKnown(text: string): boolean {
  const tokens = text.split(/\s+/);
  const words = tokens.filter((token) => LATIN.test(token));
  if (words.length < LEAST_REST) return OTHER_LETTER.test(text);
  const joined = words.filter((word) => joins(bare(word))).length;
  return joined * MOST_BETWEEN >= words.length;
}
