/** Numbers whose groups stand apart in ways that no print has: by points, line breaks, several marks, digit by digit. */
import { ibanLength } from './banking.ts';
import { PHONE_WORD, VERSION } from './phone-words.ts';

/** Digits and what stands between their groups; a letter that checks them may follow, letters may begin (IBAN). */
const CHAINS =
  /(?<![\w.])\d+(?:[\s.\-/_,|:;*~+·•∙・'’()[\]"]{1,4}\d+){1,200}(?:[ .\-/_]?[A-Za-z](?!\w))?(?!\w)/g;
/** Marks that single numbers in a list, a table or a sum have between them too. */
const LISTING = /[\n\r\t,|:;*+"[\]]/;
/** What `findPii` reads itself: one common mark between groups. */
const USUAL = /^\d{2,}(?:[ .\-/]\d{2,}){1,5}\s?[A-Za-z]?$/;
const IBAN =
  /(?<![A-Za-z\d])(?:iban)?[A-Z][\s./\-_·•:|*]{0,3}[A-Z][\s./\-_·•:|*]{0,3}\d[\s./\-_·•:|*]{0,3}\d(?:[\s./\-_·•:|*+~,]{0,3}[A-Z\d]){11,30}/gi;

/** As it is printed, in fours, with other marks between: what follows may be a word or a figure. */
const FOURS =
  /(?<![A-Za-z\d])[A-Z]{2}\d{2}(?:[\s./\-_·•:|*+~,]{1,3}[A-Z\d]{1,4}(?![A-Z\d])){3,8}/gi;

export interface Regrouped {
  readonly text: string;
  /** The marks between are those of lists too: only what has a check digit counts. */
  readonly isListed: boolean;
  /** Single figures in a list: chance gives most check digits to one in ten of them. */
  readonly onlyCards: boolean;
}

/** Each such number again, as it would be printed, behind the words that stand before it. */
export function regrouped(text: string): Regrouped[] {
  const found: Regrouped[] = [];
  for (const { 0: chain, index } of text.matchAll(CHAINS)) {
    const digits = chain.replaceAll(/\D/g, '');
    if (digits.length < 8 || digits.length > 19 || USUAL.test(chain)) continue;
    if (isDecimal(chain) || VERSION.test(chain)) continue;
    const words = text.slice(Math.max(0, index - 36), index);
    found.push(...readings(chain, digits, words));
  }
  return mayHaveAccount(text) ? [...found, ...accounts(text)] : found;
}

const mayHaveAccount = (text: string): boolean => text.search(IBAN) !== -1;

function accounts(text: string): Regrouped[] {
  const runs = Array.from(text.matchAll(IBAN), ([run]) =>
    run.replaceAll(/^iban|[^A-Za-z\d]/gi, ''),
  );
  const printed = Array.from(text.matchAll(FOURS), ([run]) => firstAccount(run));
  return [...runs, ...printed].flatMap((account) =>
    account === undefined ? [] : [{ text: account, isListed: true, onlyCards: false }],
  );
}

/** As many whole groups as its country's accounts have. */
function firstAccount(run: string): string | undefined {
  const groups = run.split(/[^A-Za-z\d]+/);
  const length = ibanLength(run);
  let account = '';
  for (const group of groups) {
    if (account.length % 4 !== 0) return undefined;
    account += group;
    if (account.length === length) return account;
  }
  return undefined;
}

const isDecimal = (chain: string): boolean => /^\d+\.\d+\D{0,2}$|\.\d{5,}\D{0,2}$/.test(chain);

function readings(chain: string, digits: string, words: string): Regrouped[] {
  const letter = /[A-Za-z]$/.exec(chain)?.[0] ?? '';
  const groups = chain.match(/\d+/g) ?? [];
  const isListed = mayBeList(chain, groups) && !isDictated(chain, groups, words);
  const onlyCards = isEven(groups) && LISTING.test(chain);
  return forms(groups, digits).map((form) => ({
    text: `${words}${form}${letter}`,
    isListed,
    onlyCards,
  }));
}

/** Marks of a list, several kinds of marks, or two figures of a decimal: a telephone is grouped by one mark. */
function mayBeList(chain: string, groups: readonly string[]): boolean {
  if (LISTING.test(chain) || isEven(groups)) return true;
  const marks = new Set((chain.match(/(?<=\d)\D+(?=\d)/g) ?? []).map((mark) => mark.trim()));
  return marks.size > 1 || (groups.length < 3 && marks.has('.'));
}

/** Digit by digit, and said to be a telephone's. */
const isDictated = (chain: string, groups: readonly string[], words: string): boolean =>
  isEven(groups) && !LISTING.test(chain) && PHONE_WORD.test(words.toLowerCase());

/** Digit by digit, or in pairs: no shape says what it is. */
const isEven = (groups: readonly string[]): boolean =>
  groups.length > 2 &&
  groups.every(
    ({ length }, at) => length < 3 && (length === groups[0]?.length || at === groups.length - 1),
  );

const forms = (groups: readonly string[], digits: string): readonly string[] =>
  isEven(groups)
    ? [digits, inFours(digits)]
    : groups.length === 3
      ? [groups.join(' '), groups.join('-')]
      : [groups.join(' ')];

const inFours = (digits: string): string => digits.replaceAll(/(\d{4})(?=\d)/g, '$1 ');
