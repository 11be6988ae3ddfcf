/** What an object at the cloud was found to hold when it passed through here: kinds, never a text, so that it is judged once. */
import { createHash } from 'node:crypto';
import { personalKinds, type PersonalKind } from './masking.ts';
import { unreadKinds, type UnreadKind } from './unread.ts';

export interface ObjectContents {
  /** What no signal could read. */
  readonly unread: readonly UnreadKind[];
  readonly personal: readonly PersonalKind[];
}

/** As owners keep it: of two objects that became one, `bits` of both. */
export interface KeptContents {
  readonly bits: number;
  /** How it was read: `readingOf`. What was read otherwise counts as unread. */
  readonly reading: string;
}

export const NOTHING_FOUND: ObjectContents = { unread: [], personal: [] };

/** One bit for each kind, 26 in all. */
const KINDS: readonly string[] = [...unreadKinds, ...personalKinds];

/** Raised with every change that lets detectors find what they passed before. */
const VERSION = 1;

/** Names what `bits` stand for and how texts were read. `regions`: those whose telephone numbers are known. */
export function readingOf(regions: readonly string[]): string {
  const about = JSON.stringify([VERSION, KINDS, regions.toSorted()]);
  return createHash('sha256').update(about).digest('hex').slice(0, 12);
}

export function bitsOf({ unread, personal }: ObjectContents): number {
  let bits = 0;
  for (const kind of unread) bits |= 1 << unreadKinds.indexOf(kind);
  for (const kind of personal) bits |= 1 << (unreadKinds.length + personalKinds.indexOf(kind));
  return bits;
}

export const contentsOf = (bits: number): ObjectContents => ({
  unread: unreadKinds.filter((_, at) => (bits & (1 << at)) !== 0),
  personal: personalKinds.filter((_, at) => (bits & (1 << (unreadKinds.length + at))) !== 0),
});

/** What both hold. */
export const together = (one: ObjectContents, other: ObjectContents): ObjectContents =>
  contentsOf(bitsOf(one) | bitsOf(other));
