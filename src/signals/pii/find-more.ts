/** What is found by its form as a whole: national numbers, telephone numbers by region, credentials. */
import { isCard } from './banking.ts';
import { isDate, isIdName, isPartOfMore } from './context.ts';
import { noDigits, readDigits } from './digits.ts';
import {
  ANNOUNCED,
  AUTHORIZATION,
  IN_QUERY,
  IN_URL,
  isSecret,
  PROVIDER_KEYS,
} from './credentials.ts';
import { ANNOUNCES, ASSIGNMENT, AT_SIGN, NUMBER, RUN } from './marks.ts';
import { isPassportLine, PASSPORT_LINE } from './more-national-numbers.ts';
import type { Rule } from './national-checks.ts';
import { ID_WORDS, RULES, SAID_RULES } from './national-numbers.ts';
import { PHONE_WORD, VERSION } from './phone-words.ts';
import { plansOf } from './regional-phone.ts';
import { before, isReference, isWordUnit, type PiiKind, type PiiSpan } from './span.ts';
import type { PhoneRegion } from '../../core/phone-regions.ts';
import { unitAt } from '../../lib/text-units.ts';

/** Two groups or more of seven to eleven digits, or one of ten to fifteen that words announce. */
const PHONES =
  /(?<![\w.,:=/#$€£-])\(?\d{1,5}\)?(?:[ .-]{1,2}\(?\d{1,5}\)?){1,4}(?![\w])|(?<![\w.])\d{9,15}(?![\w.])/g;

/** In no order; some may overlap. `marks` are the text's own. */
export function findMore(text: string, marks: number, regions: readonly PhoneRegion[]): PiiSpan[] {
  const found: PiiSpan[] = [];
  if ((marks & NUMBER) !== 0) {
    nationalNumbers(text, marks, found);
    namedCards(text, NAMED_CARD, found);
    if (text.includes('%B')) namedCards(text, STRIPE, found);
    phones(text, found, regions);
  }
  if ((marks & RUN) !== 0) {
    add(text, PROVIDER_KEYS, 'api_key', found);
    secrets(text, AUTHORIZATION, found);
    if ((marks & ASSIGNMENT) !== 0) secrets(text, IN_QUERY, found);
  }
  if ((marks & AT_SIGN) !== 0) secrets(text, IN_URL, found);
  if ((marks & ANNOUNCES) !== 0 && ANNOUNCING.test(text)) secrets(text, ANNOUNCED, found);
  return found;
}

const ANNOUNCING =
  /passw|passp|passc|secret|token|key|clave|pwd|senha|kennwort|passe|contrase|credential|parola|wachtw|пароль|密|パスワ|비밀/i;

function add(text: string, form: RegExp, kind: PiiKind, found: PiiSpan[]): void {
  for (const { index, 0: whole } of text.matchAll(form))
    found.push({ kind, start: index, end: index + whole.length });
}

function secrets(text: string, form: RegExp, found: PiiSpan[]): void {
  for (const match of text.matchAll(form)) {
    const [whole, value = ''] = match;
    if (!isSecret(value)) continue;
    const start = match.index + whole.lastIndexOf(value);
    found.push({ kind: 'credential', start, end: start + value.length });
  }
}

function nationalNumbers(text: string, marks: number, found: PiiSpan[]): void {
  for (const rule of RULES) byRule(rule, text, found);
  if ((marks & ANNOUNCES) !== 0 && ID_WORDS.test(text))
    for (const rule of SAID_RULES) byRule(rule, text, found);
  if (!text.includes('<<')) return;
  for (const { index, 0: line } of text.matchAll(PASSPORT_LINE))
    if (isPassportLine(line))
      found.push({ kind: 'national_id', start: index, end: index + line.length });
}

function byRule(rule: Rule, text: string, found: PiiSpan[]): void {
  for (const { index, 0: written } of text.matchAll(rule.form)) {
    const end = index + written.length;
    if (standsAlone(text, index, end) && isNational(rule, written, before(text, index, 48)))
      found.push({ kind: 'national_id', start: index, end });
  }
}

function isNational({ isRight, words, grouped }: Rule, written: string, said: string): boolean {
  if (!isRight(written.replaceAll(/[^A-Za-z\d]/g, ''))) return false;
  if (words?.test(said) === true) return true;
  if (words !== undefined && grouped?.test(written) !== true) return false;
  return mayFollow(written, said) && !isReference(said) && !isIdName(said);
}

/** Behind the comma of a row, and in a path: only what is written as no number of orders and no amount is. */
const mayFollow = (written: string, said: string): boolean =>
  said.endsWith('/') ? /[A-Za-z.]/.test(written) : !said.endsWith(',') || OWN_FORM.test(written);

const OWN_FORM = /[A-Za-z.]|^\d{6,8}[-+]/;

/** A file's or a variable's name that says what its figures are: `card_4111…`, `visa4111…`. */
const NAMED_CARD =
  /(?:card|karte|tarjeta|carte|visa|master|amex|(?<![a-z\d])(?:pan|cc))(?:no|nr|num|number)?_?(?=\d{13,19}(?![a-z\d]))/gi;

/** What begins a magnetic stripe's first track (ISO/IEC 7813). */
const STRIPE = /%B(?=\d{13,19}\^)/g;

function namedCards(text: string, name: RegExp, found: PiiSpan[]): void {
  const digits = noDigits();
  for (const { index, 0: lead } of text.matchAll(name)) {
    const start = index + lead.length;
    readDigits(digits, text, start);
    if (isCard(digits, 1)) found.push({ kind: 'card', start, end: digits.ends[0] ?? start });
  }
}

/** No part of a word or of a longer figure. */
const standsAlone = (text: string, start: number, end: number): boolean =>
  !isWordUnit(unitAt(text, start - 1)) &&
  !isWordUnit(unitAt(text, end)) &&
  !/(?:-|[^A-Za-z]\.)$/.test(text.slice(Math.max(0, start - 2), start));

function phones(text: string, found: PiiSpan[], regions: readonly PhoneRegion[]): void {
  const plans = plansOf(regions);
  const lookups = { done: 0 };
  for (const { index, 0: written } of text.matchAll(PHONES)) {
    const said = before(text, index);
    const isAnnounced = PHONE_WORD.test(said);
    if (!hasLength(written, isAnnounced) || isReference(said) || isIdName(said)) continue;
    if (isDate(text, index) || (!isAnnounced && isInRow(text, index))) continue;
    if (plans.isPhone(written, isAnnounced, lookups))
      found.push({ kind: 'phone', start: index, end: index + written.length });
  }
}

/** Nine digits, or eight in groups, where a national number is announced, ten in groups where it is not; E.164 has 15 at most. */
function hasLength(written: string, isAnnounced: boolean): boolean {
  const count = written.replaceAll(/\D/g, '').length;
  if (count > 15 || MILLIONS.test(written) || VERSION.test(written)) return false;
  const isGrouped = /[ ().-]/.test(written);
  return isAnnounced ? count > 8 || (count === 8 && isGrouped) : count > 9 && isGrouped;
}

/** Millions: 15.990.000. */
const MILLIONS = /^\d{2}\.\d{3}\.\d{3}$/;

function isInRow(text: string, index: number): boolean {
  const digits = noDigits();
  readDigits(digits, text, index);
  return isPartOfMore(digits, digits.groups);
}
