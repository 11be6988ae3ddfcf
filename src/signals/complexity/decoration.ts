/** Removes decoration that asks nothing: marks of chat templates, and numbers that no word refers to. */
import { isDigit } from '../../lib/ascii.ts';
import { unitAt } from '../../lib/text-units.ts';
import { hasWords } from './tokens.ts';

/** `<|system|>`, `[INST]`, `<<SYS>>`, `<start_of_turn>user`, `### System:`. */
const ROLE_MARK =
  /<\|[ \t]{0,3}([a-z]{1,20})[^|<>\n]{0,20}\|>|\[\/?(INST|SYS)\]|<<\/?(SYS)>>|<(?:start|end)_of_turn>(user|model)?|^#{1,4} ?(system|assistant|developer|user|human)[ \t]{0,3}:/gim;
/** What stands behind them is not the caller's request. */
const OTHER_ROLE = /^(?:system|sys|assistant|developer|model)$/i;
/** What a mark opens is longer where it is text. */
const MOST_UNDER_A_MARK = 400;

/** The text without such marks, and without what stands under one of another role, unless nothing else was said. */
export function withoutRoles(text: string): string {
  const marks = [...text.matchAll(ROLE_MARK)];
  if (marks.length === 0) return text;
  let kept = text.slice(0, marks[0]!.index);
  let all = kept;
  marks.forEach((mark, at) => {
    const piece = text.slice(mark.index + mark[0].length, marks[at + 1]?.index ?? text.length);
    const role = mark.slice(1).find((name) => name !== undefined) ?? '';
    const isOther = OTHER_ROLE.test(role) && piece.length <= MOST_UNDER_A_MARK;
    if (!isOther) kept += `\n${piece}`;
    all += `\n${piece}`;
  });
  return (hasWords(kept) ? kept : all).trim();
}

/** So many numbers are cut off, where so many words stay. */
const LEAST_NUMBERS = 4;
const LEAST_WORDS = 3;
const REACH = 160;
const NUMBERS = /^\s*(?:\p{L}{1,8}\.?[:\s]\s*)?[-+]?\d[\d\s.,;:/%+-]*$/u;
const OPENS: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
]);

/** The text without numbers in brackets, or in a line of their own, at its end. */
export function withoutNumbersAtEnd(text: string): string {
  const last = text.charAt(text.length - 1);
  const open = OPENS.get(last);
  if (open === undefined && !isDigit(unitAt(text, text.length - 1))) return text;
  const from = text.lastIndexOf(open ?? '\n');
  if (from < 1 || text.length - from > REACH) return text;
  const inside = text.slice(from + 1, open === undefined ? undefined : -1);
  if (!NUMBERS.test(inside) || count(inside, NUMBER) < LEAST_NUMBERS) return text;
  const rest = text.slice(0, from).trimEnd();
  return count(rest, WORD) < LEAST_WORDS ? text : rest;
}

const NUMBER = /\d+(?:[.,/:]\d+)*/g;
const WORD = /\p{L}{2,}/gu;

const count = (text: string, found: RegExp): number => text.match(found)?.length ?? 0;
