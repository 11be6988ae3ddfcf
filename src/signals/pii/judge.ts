/** Which kinds of personal data a text holds, however it is written: as it stands, and in every reading of it. */
import { PHONE_REGIONS, type PhoneRegion } from '../../core/phone-regions.ts';
import {
  fromCodes,
  glued,
  listed,
  withoutInlineTags,
  withoutMarksWithin,
  withoutUnderscores,
} from './assembled.ts';
import { canonical } from './canonical.ts';
import { decodedRuns } from './encoded-runs.ts';
import { withoutEscapes } from './escapes.ts';
import { findPii } from './find.ts';
import { AT_SIGN, DICTATED, ESCAPE, marksOf, NUMBER, RUN, SPELLED, UNUSUAL } from './marks.ts';
import { fromNumerals, inFigures, unscanned } from './numerals.ts';
import { regrouped, type Regrouped } from './separated.ts';
import type { PiiKind } from './span.ts';
import { unspelled } from './spelled.ts';

/** Base64 in Base64 in Base64, and three more. */
const MOST_DEPTH = 6;

/** How often each kind was found; in the reading that showed the first. */
export type Counts = Map<PiiKind, number>;

/** Adds what a text holds. Readings beyond the text itself are made where its characters ask for one, until one shows something. */
export function judge(
  text: string,
  counts: Counts,
  regions: readonly PhoneRegion[] = PHONE_REGIONS,
  depth = 0,
): void {
  const marks = marksOf(text);
  if (count(text, counts, regions, marks)) return;
  const read = plain(text, marks);
  const own = read === text ? marks : marksOf(read);
  if (read !== text && count(read, counts, regions, own)) return;
  if (isFoundRewritten(read, own, counts, regions)) return;
  if (depth === MOST_DEPTH || (own & (RUN | NUMBER)) === 0) return;
  for (const run of [...decodedRuns(read), ...fromCodes(read)]) {
    judge(run, counts, regions, depth + 1);
    if (counts.size > 0) return;
  }
}

/** With escapes undone and in one spelling. */
function plain(text: string, marks: number): string {
  const read = (marks & ESCAPE) === 0 ? text : withoutEscapes(text);
  return read === text && (marks & UNUSUAL) === 0 ? text : canonical(read);
}

function isFoundRewritten(
  read: string,
  marks: number,
  counts: Counts,
  regions: readonly PhoneRegion[],
): boolean {
  for (const form of saidOtherwise(read, marks))
    if (form !== read && count(form, counts, regions)) return true;
  if ((marks & AT_SIGN) !== 0)
    for (const form of [read.replaceAll(MARKUP, ''), listed(read)])
      if (form !== read && hasMail(form, counts, regions)) return true;
  for (const form of cardsOtherwise(read, marks))
    if (form !== read && countForm({ ...TAGGED, text: form }, counts, regions)) return true;
  return (marks & NUMBER) !== 0 && regrouped(read).some((form) => countForm(form, counts, regions));
}

function saidOtherwise(read: string, marks: number): readonly string[] {
  const named = (marks & NUMBER) === 0 ? [] : [withoutUnderscores(read)];
  if ((marks & (SPELLED | DICTATED)) === 0) return [glued(read), ...named];
  const forms = (marks & SPELLED) === 0 ? [] : [unspelled(read), fromNumerals(read)];
  return [...forms, glued(read), ...named, ...((marks & DICTATED) === 0 ? [] : [inFigures(read)])];
}

const cardsOtherwise = (read: string, marks: number): readonly string[] =>
  (marks & NUMBER) === 0
    ? [withoutInlineTags(read)]
    : [withoutInlineTags(withoutMarksWithin(read)), unscanned(read)];

/** Figures in tags of their own are chapters and years too. */
const TAGGED = { isListed: true, onlyCards: true };

/** What stands in an address that is printed with a part of it set off: `ben<wbr>@acme.io`, `ben**@**acme.io`. */
const MARKUP = /<\/?[a-zA-Z][^<>]{0,100}>|[*`]/g;

/** Numbers of neighbouring cells would be one number without their tags: only addresses count. */
function hasMail(text: string, counts: Counts, regions: readonly PhoneRegion[]): boolean {
  const found = findPii(text, marksOf(text), regions).some(({ kind }) => kind === 'email');
  if (found) counts.set('email', 1);
  return found;
}

function count(
  text: string,
  counts: Counts,
  regions: readonly PhoneRegion[],
  marks = marksOf(text),
): boolean {
  const found = findPii(text, marks, regions);
  for (const { kind } of found) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return found.length > 0;
}

/** A telephone has no check digit: groups that stand as a list's do are none. */
function countForm(
  { text, isListed, onlyCards }: Regrouped,
  counts: Counts,
  regions: readonly PhoneRegion[],
): boolean {
  const found = findPii(text, marksOf(text), regions).filter(({ kind }) =>
    onlyCards ? kind === 'card' : !isListed || kind !== 'phone',
  );
  for (const { kind } of found) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return found.length > 0;
}
