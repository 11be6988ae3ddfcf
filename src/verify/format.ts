/** The check `format`: the answer has not the form that was asked for, such as one word or N items. */
import type { Check } from './check.ts';
import { isCourtesy } from './courtesy.ts';
import { own } from '../lib/own.ts';

const NUMBERS: Readonly<Record<string, number>> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  un: 1,
  una: 1,
  dos: 2,
  tres: 3,
  cuatro: 4,
  cinco: 5,
  seis: 6,
  siete: 7,
  ocho: 8,
  nueve: 9,
  diez: 10,
};
const COUNT = `(\\d{1,3}|${Object.keys(NUMBERS).join('|')})`;

const ONE_WORD =
  /\b(?:(?:answer|reply|respond)[^.\n]{0,30} (?:with|in) (?:(?:only|just|exactly) )?(?:one|a single) word|one[- ]word answer|(?:responde|contesta)[^.\n]{0,30} (?:con|en) (?:solo |s[oó]lo )?una (?:sola )?palabra)\b/i;
export const YES_NO =
  /\b(?:answer|reply|respond)[^.\n]{0,30} (?:only )?(?:with )?["'“]?yes["'”]? or ["'“]?no\b|\byes or no(?: only|\?|$)|\b(?:responde|contesta)[^.\n]{0,30} (?:con )?["'“]?s[ií]["'”]? o ["'“]?no\b/i;
const A_NUMBER =
  /\b(?:answer|reply|respond)[^.\n]{0,30} (?:with|in) (?:only |just )?(?:the|a) (?:single )?number\b|\b(?:only|just) (?:the|a) number\b|\b(?:responde|contesta)[^.\n]{0,30} (?:con|en) (?:solo |s[oó]lo )?(?:el|un) n[uú]mero\b|\bsolo (?:el|un) n[uú]mero\b/i;
const MOST_WORDS = new RegExp(
  `\\b(?:in|with|using|under|of)? ?(?:at most|no more than|maximum of|up to|fewer than|less than|m[aá]ximo(?: de)?|como mucho|no m[aá]s de|menos de) ${COUNT} (?:words|palabras)\\b`,
  'i',
);
const ITEMS = new RegExp(
  `\\b(?:list|give me|name|write|suggest|enumera|dame|escribe|nombra) (?:exactly |just |exactamente |solo )?${COUNT} (?!words|palabras|sentences|frases|paragraphs|p[aá]rrafos|lines|l[ií]neas|%|\\d)\\p{L}+`,
  'iu',
);
const LIST_ITEM = /^\s*(?:[-*•]|\d{1,3}[.)])\s+\S/gm;
/** A limit in words may be passed by so much: what counts as a word differs. */
const WORDS_SLACK = 1.2;
const MOST_WORDS_OF_ONE = 3;
const MOST_WORDS_OF_YES = 12;

const MOST_WORDS_OF_COURTESY = 40;

/** A form that can be counted: what the task states (one word, yes or no, a number, N items, at most N words), and a few words for a greeting or thanks. */
export const format: Check = {
  name: 'format',
  find: ({ text, calls }, { task, json, system }) => {
    if (json !== 'no' || (calls.length > 0 && text.trim() === '')) return undefined;
    return shortForm(task, text) ?? counted(task, text) ?? courteous(task, text, system);
  },
};

/** Read where a form was asked for, which is seldom. */
const wordsIn = (text: string): number =>
  text.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’.-]*/gu)?.length ?? 0;

function shortForm(task: string, text: string): string | undefined {
  if (ONE_WORD.test(task) && wordsIn(text) > MOST_WORDS_OF_ONE) return 'one word was asked for';
  if (YES_NO.test(task)) {
    const says = /^\W*(?:yes|no|s[ií])\b/iu.test(text) || wordsIn(text) <= MOST_WORDS_OF_YES;
    if (!says || !/\b(?:yes|no|s[ií])(?![\p{L}])/iu.test(text)) return 'yes or no was asked for';
  }
  if (A_NUMBER.test(task) && !/\d/.test(text)) return 'a number was asked for';
  return undefined;
}

/** A system prompt may say what follows a greeting. */
function courteous(task: string, text: string, system: () => string): string | undefined {
  if (!isCourtesy(task) || wordsIn(text) <= MOST_WORDS_OF_COURTESY || system() !== '')
    return undefined;
  return 'a greeting or thanks was answered at length';
}

function counted(task: string, text: string): string | undefined {
  const most = numberIn(MOST_WORDS.exec(task)?.[1]);
  if (most !== undefined) {
    const words = wordsIn(text);
    if (words > most * WORDS_SLACK + 1)
      return `at most ${most} words were asked for, and it has ${words}`;
  }
  const wanted = numberIn(ITEMS.exec(task)?.[1]);
  if (wanted === undefined || wanted < 2) return undefined;
  const items = text.match(LIST_ITEM)?.length ?? 0;
  // without a list the items stand in sentences, which nobody can count
  if (items < 2 || items === wanted) return undefined;
  return items % wanted === 0 ? undefined : `${wanted} were asked for, and it lists ${items}`;
}

const numberIn = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  return /^\d/.test(text) ? Number(text) : own(NUMBERS, text.toLowerCase());
};
