/** National numbers whose own digits check them; each rule is that of the office which gives them out. */
import { digitAt, hasDate, isLuhn, sameDigit, weighted, type Rule } from './national-checks.ts';
import { FORMS, SAID } from './more-national-numbers.ts';
import { unitAt } from '../../lib/text-units.ts';

/** Weights that fall to 2, and how the remainder by 11 becomes a digit. */
function mod11(id: string, from: number, length: number): number {
  let sum = 0;
  for (let at = 0; at < length; at++) sum += digitAt(id, at) * (from - at);
  return ((sum * 10) % 11) % 10;
}

/** Receita Federal: two digits, each by 11. */
const isCpf = (id: string): boolean =>
  !sameDigit(id) && mod11(id, 10, 9) === digitAt(id, 9) && mod11(id, 11, 10) === digitAt(id, 10);

/** GB 11643: eighteen characters, a date of birth, and ISO 7064 mod 11-2. */
function isChinese(id: string): boolean {
  if (!/^[1-8]/.test(id) || !hasDate(id.slice(10, 12), id.slice(12, 14))) return false;
  const rest = weighted(id, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
  return '10X98765432'.charAt(rest) === id.charAt(17).toUpperCase();
}

/** Resident registration: date, sex and century, and a digit by 11, which newer numbers no longer have. */
const isKorean = (id: string): boolean =>
  hasDate(id.slice(2, 4), id.slice(4, 6)) && (/^[2-9]\d{5}[3478]/.test(id) || hasKoreanDigit(id));

const hasKoreanDigit = (id: string): boolean =>
  (11 - (weighted(id, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10 === digitAt(id, 12);

/** UIDAI: Verhoeff's scheme over the dihedral group. */
function isAadhaar(id: string): boolean {
  if (!/^[2-9]/.test(id) || sameDigit(id)) return false;
  let check = 0;
  for (let at = 0; at < id.length; at++) {
    const digit = digitAt(id, id.length - 1 - at);
    check = product(check, PERMUTED[at % 8]?.[digit] ?? 0);
  }
  return check === 0;
}

/** Multiplication in the group of a pentagon's symmetries: 0 to 4 turn, 5 to 9 mirror. */
function product(left: number, right: number): number {
  if (left < 5) return right < 5 ? (left + right) % 5 : ((left + right) % 5) + 5;
  return right < 5 ? ((left - right) % 5) + 5 : (left - right + 5) % 5;
}

const PERMUTED: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
  [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
  [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
  [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
  [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
  [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
  [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

/** Individual numbers of Japan: the ordinance's weights, by 11. */
function isMyNumber(id: string): boolean {
  if (sameDigit(id)) return false;
  const rest = weighted(id, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest <= 1 ? 0 : 11 - rest) === digitAt(id, 11);
}

/** INSEE: the key is 97 less the remainder by 97. */
const isNir = (id: string): boolean =>
  Number(id.slice(3, 5)) <= 42 &&
  97 - Number(BigInt(id.slice(0, 13)) % 97n) === Number(id.slice(13));

/** Agenzia delle Entrate: odd places have values of their own. */
const ODD = [
  1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

function isFiscalCode(id: string): boolean {
  const code = id.toUpperCase();
  let sum = 0;
  for (let at = 0; at < 15; at++) {
    const unit = unitAt(code, at);
    const value = unit < 58 ? unit - 48 : unit - 65;
    sum += at % 2 === 0 ? (ODD[value] ?? 0) : value;
  }
  return unitAt(code, 15) - 65 === sum % 26;
}

/** RENAPO: eighteen characters, the last by 10. */
function isCurp(id: string): boolean {
  const alphabet = '0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ';
  const code = id.toUpperCase();
  let sum = 0;
  for (let at = 0; at < 17; at++) sum += alphabet.indexOf(code.charAt(at)) * (18 - at);
  return (10 - (sum % 10)) % 10 === digitAt(code, 17);
}

/** ATO: nine digits, by 11. */
const isTfn = (id: string): boolean =>
  !sameDigit(id) && weighted(id, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0;

/** NHS: ten digits, by 11. */
const isNhs = (id: string): boolean => {
  const check = 11 - (weighted(id, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return !sameDigit(id) && (check === 11 ? 0 : check) === digitAt(id, 9);
};

/** GUS: a date (months of other centuries are shifted) and weights by 10. */
const isPesel = (id: string): boolean =>
  hasDate(String(Number(id.slice(2, 4)) % 20), id.slice(4, 6)) &&
  weighted(id, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0;

/** AHV: an EAN-13 that begins with Switzerland's 756. */
const isAhv = (id: string): boolean =>
  weighted(id, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0;

/** BSN: nine digits, the last counts against, by 11. */
const isBsn = (id: string): boolean =>
  !sameDigit(id) && weighted(id, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;

const OWN: readonly Rule[] = [
  { form: /\d{3}[. ]?\d{3}[. ]?\d{3}[-. /]?\d{2}/g, isRight: isCpf, grouped: /^\d{3}[. ]\d{3}[. ]\d{3}[-. /]\d{2}$/, words: /cpf|contribuinte/ },
  { form: /\d{6}[ -]?(?:19|20)\d{2}[ -]?\d{4}[ -]?\d{3}[\dX]/gi, isRight: isChinese },
  { form: /\d{6}[- ]?[1-8]\d{6}/g, isRight: isKorean, grouped: /^\d{6}-\d{7}$/, words: /주민|resident|rrn/ },
  { form: /\d{4}[- ]?\d{4}[- ]?\d{4}/g, isRight: isAadhaar, grouped: /^\d{4}[- ]\d{4}[- ]\d{4}$/, words: /aadha?ar|uid|आधार/ },
  { form: /\d{4}[- ]?\d{4}[- ]?\d{4}/g, isRight: isMyNumber, words: /マイナンバー|個人番号|my ?number/ },
  { form: /[12][ .]?\d{2}[ .]?\d{2}[ .]?\d{2}[ .]?\d{3}[ .]?\d{3}[ .]?\d{2}/g, isRight: isNir },
  { form: /(?<![A-Z])[A-Z]{6}\s?\d{2}[A-EHLMPRST]\d{2}\s?[A-Z]\d{3}[A-Z]/gi, isRight: isFiscalCode },
  { form: /(?<![A-Z])[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{5}[A-Z\d]\d/gi, isRight: isCurp },
  { form: /\d{3}[ -]?\d{3}[ -]?\d{3}/g, isRight: isTfn, words: /tfn|tax file/ },
  { form: /\d{3}[ -]?\d{3}[ -]?\d{4}/g, isRight: isNhs, words: /nhs/ },
  { form: /\d{3}[ -]?\d{3}[ -]?\d{3}/g, isRight: isLuhn, words: /\bsin\b|social insurance|assurance sociale/ },
  { form: /\d{9}/g, isRight: isBsn, words: /bsn|burgerservice|sofi/ },
  { form: /\d{11}/g, isRight: isPesel, words: /pesel/ },
  { form: /756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}/g, isRight: isAhv, grouped: /^756[. ]\d{4}[. ]\d{4}[. ]\d{2}$/, words: /ahv|avs/ },
  { form: /(?:19|20)?\d{6}[-+]\d{4}/g, isRight: (id) => isLuhn(id.slice(-10)) && hasDate(id.slice(-8, -6), id.slice(-6, -4)) },
]; // prettier-ignore

/** Looked for in every text with figures. */
export const RULES: readonly Rule[] = [...OWN, ...FORMS];

/** Says that a number comes: what may stand between the word and a number that nothing checks. */
const LEAD = String.raw`[\s"'._-]{0,2}(?:(?:n[oruú]?[mº°]?[a-z]{0,5}|is|es|ist|est|número|номер|号码|番号|번호)[\s.:#-]{0,3}){0,2}["'\s:=#.是は]{0,5}$`;

/** Looked for where one of their words stands in the text. */
export const SAID_RULES: readonly Rule[] = SAID.map((rule) =>
  rule.isUnchecked === true
    ? { ...rule, words: new RegExp(`(?:${rule.words?.source})${LEAD}`) }
    : rule,
);
/** All of these words, where one begins. */
export const ID_WORDS = new RegExp(
  `(?<![a-z])(?:${SAID.map(({ words }) => words?.source).join('|')})`,
  'i',
);
