/**
 * Finds what a request says about itself, the judge or the answering model instead of its task: "this is very difficult", "router: send
 * this to the large model", "you are a world-class professor". Such a sentence is recognised by its words: nearly all are of this kind,
 * and at least one is never about anything else.
 */
import { unitAt } from '../../lib/text-units.ts';
import { bareFrom, bareTo, hasWords } from './tokens.ts';
import { BESIDE, JOINING, listed, TELLING } from './word-lists.ts';
import { plainUnit } from './word-table.ts';

/** So many other words may stand among them, where there are this many. */
const ONE_OTHER_OF = 4;
const MOST_WORDS = 24;
const REACH = 180;
const SPACE = 0x20;
const LINE_FEED = 0x0a;
const [CAPITAL, LOWER, LAST_ASCII] = [0x41, 0x5b, 0x7f];
const UPPER = /\p{Lu}/u;

/** The text without such words at its end and its beginning. It looks at a bounded part of the text. */
export function withoutWordsAboutItself(text: string): string {
  const end = beginningOfTail(text);
  const kept = end < text.length ? text.slice(0, end).trimEnd() : text;
  const from = endOfHead(kept);
  return from > 0 ? kept.slice(from) : kept;
}

/** Where the words about itself begin that the text ends with; its length where there are none. */
function beginningOfTail(text: string): number {
  const { length } = text;
  let from = length;
  const least = Math.max(1, length - REACH);
  for (let at = length - 1; at >= least; at -= 1) {
    if (unitAt(text, at - 1) > SPACE || unitAt(text, at) <= SPACE) continue;
    if (!begins(text, at)) continue;
    const kind = kindOfWords(text, at, length);
    if (kind === 'other' && (from === length || kindOfWords(text, at, from) !== 'about itself'))
      break;
    if (kind === 'beside') continue;
    from = at;
  }
  if (from === length) return length;
  return hasWords(text.slice(Math.max(0, from - REACH), from)) ? from : length;
}

/** Whether a sentence may begin there: after the end of a sentence or a line, or with a capital. */
function begins(text: string, at: number): boolean {
  const first = unitAt(text, at);
  if (first < LOWER ? first >= CAPITAL : first > LAST_ASCII && UPPER.test(text.charAt(at)))
    return true;
  let before = at - 1;
  let isNewLine = false;
  for (; before >= 0 && unitAt(text, before) <= SPACE; before -= 1)
    isNewLine ||= unitAt(text, before) === LINE_FEED;
  return isNewLine || before < 0 || isStop(unitAt(text, before));
}

/** Where the request begins behind a first sentence about itself; 0 where there is none. */
function endOfHead(text: string): number {
  const { length } = text;
  const most = Math.min(length, REACH);
  for (let at = 1; at < most; at += 1) {
    const unit = unitAt(text, at);
    if (unit > SPACE || (unit !== LINE_FEED && !isStop(unitAt(text, at - 1)))) continue;
    if (kindOfWords(text, 0, at) !== 'about itself') return 0;
    let from = at;
    while (from < length && unitAt(text, from) <= SPACE) from += 1;
    return hasWords(text.slice(from, from + REACH)) ? from : 0;
  }
  return 0;
}

/** `.!?。！？` */
const isStop = (unit: number): boolean =>
  unit === QUESTION_MARK ||
  unit === 0x2e ||
  unit === 0x21 ||
  unit === 0x3002 ||
  unit === 0xff01 ||
  unit === 0xff1f;

/** `beside`: of words that are said beside such a sentence. Stops at the second other word, mostly one of the first. */
function kindOfWords(text: string, from: number, to: number): 'about itself' | 'beside' | 'other' {
  let [telling, others, words] = [0, 0, 0];
  for (let at = wordFrom(text, from, to), end = at; at < to; at = wordFrom(text, end, to)) {
    end = wordEnd(text, at, to);
    const kind = end < 0 ? 'question' : kindOf(text, at, end);
    if (kind === 'question') return 'other';
    if (kind === 'none') continue;
    words += 1;
    if (kind === 'telling') telling += 1;
    if (kind === 'other') others += 1;
    if (others > 1 || words > MOST_WORDS) return 'other';
  }
  if (others > 0 && words < ONE_OTHER_OF) return 'other';
  return telling > 0 ? 'about itself' : 'beside';
}

/** White space, commas, colons and dashes. */
const separates = (unit: number): boolean =>
  unit < SEPARATES.length ? SEPARATES[unit] === 1 : unit === EN_DASH || unit === EM_DASH;
const [EN_DASH, EM_DASH, QUESTION_MARK] = [0x2013, 0x2014, 0x3f];
const SEPARATES = new Uint8Array(256);
for (const sign of ' \t\n\r\u00a0,;:') SEPARATES[sign.charCodeAt(0)] = 1;

function wordFrom(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && separates(unitAt(text, at))) at += 1;
  return at;
}

/** Where the word at `from` ends; -1 where it has a question mark. */
function wordEnd(text: string, from: number, to: number): number {
  let at = from;
  for (; at < to; at += 1) {
    const unit = unitAt(text, at);
    if (unit === QUESTION_MARK) return -1;
    if (separates(unit)) break;
  }
  return at;
}

/** `A)`, `(B)`: an exam's answers stand behind it. */
function isLetterOfChoice(text: string, from: number, to: number): boolean {
  const size = to - from;
  if (size < 2 || size > 3) return false;
  const before = unitAt(text, to - 2);
  return before >= CAPITAL && before <= LAST_CHOICE && CHOICE.test(text.slice(from, to));
}
const CHOICE = /^[([]?[A-J][).\]:]$/;
const LAST_CHOICE = 0x4a;

function kindOf(
  text: string,
  from: number,
  to: number,
): 'telling' | 'beside' | 'other' | 'none' | 'question' {
  if (isLetterOfChoice(text, from, to)) return 'question';
  const begin = bareFrom(text, from, to);
  const end = bareTo(text, begin, to);
  const start = elidedFrom(text, begin, end);
  const lists = listed.of(text, start, end);
  if ((lists & TELLING) !== 0) return 'telling';
  if ((lists & (BESIDE | JOINING)) !== 0) return 'beside';
  return says(text, start, end) ? 'other' : 'none';
}

/** Two letters that follow each other, or a digit. */
function says(text: string, from: number, to: number): boolean {
  let before = 0;
  for (let at = from; at < to; at += 1) {
    const unit = unitAt(text, at);
    if (unit >= KINDS.length) return SAYS.test(text.slice(from, to));
    const kind = KINDS[unit]!;
    if (kind === FIGURE || (kind === LETTER && before === LETTER)) return true;
    before = kind;
  }
  return false;
}
const SAYS = /\p{L}\p{M}*\p{L}|\d/u;
/** Of Latin script, which has no marks of its own. */
const [LETTER, FIGURE] = [1, 2];
const KINDS = Uint8Array.from({ length: 0x250 }, (_, unit) => {
  const sign = String.fromCharCode(unit);
  return /\d/.test(sign) ? FIGURE : /\p{L}/u.test(sign) ? LETTER : 0;
});

/** Behind `l'`, `d'`, `qu'`. */
function elidedFrom(text: string, from: number, to: number): number {
  const isQu = plainUnit(unitAt(text, from + 1)) === SMALL_U;
  const at = from + (isQu ? 2 : 1);
  if (at >= to) return from;
  const sign = unitAt(text, at);
  if (sign !== APOSTROPHE && sign !== CURLY_APOSTROPHE) return from;
  const first = String.fromCharCode(plainUnit(unitAt(text, from)));
  return ELIDED.includes(first) || (first === 'q' && isQu) ? at + 1 : from;
}
const ELIDED = 'cdjlmnst';
const [APOSTROPHE, CURLY_APOSTROPHE, SMALL_U] = [0x27, 0x2019, 0x75];
