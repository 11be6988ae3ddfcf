/**
 * Accounts for everything that is sent upstream with a request: texts that signals judge, kinds of content that none
 * can read, and, for the rest, values whose type and range say that they hold nothing (booleans, small numbers).
 */
import type { Call } from '../core/call.ts';
import { decodedOnce } from '../lib/decoded-once.ts';
import { longNumbers } from '../lib/json-members.ts';
import type { UnreadKind } from '../core/unread.ts';
import { dictatedNumbers } from './dictated.ts';
import { OutboundWalk } from './outbound-walk.ts';
import { readPartKinds } from './part-kinds.ts';
import { readBodyText } from './text-in-body.ts';

export interface Outbound {
  /** As written; what escapes and encodings stand for is the reader's to undo. */
  readonly texts: readonly string[];
  readonly unread: readonly UnreadKind[];
  /** Ids of what lies at an upstream and goes into the answer: what was judged on its way there need not be unread. */
  readonly references: readonly string[];
  /** Items that are neither the caller's nor the model's own words. */
  readonly results: number;
}

const listOf = <T>(set: ReadonlySet<T>): readonly T[] => (set.size === 0 ? NONE : [...set]);
const NONE: readonly never[] = [];

/** Characters of a request that are judged; about what the longest window of a model holds. */
const MOST_CHARS = 8_000_000;

/** The body (also of a passthrough), the path with its query, the media type and the forwarded headers. */
export function outbound(call: Call): Outbound {
  const walk = new OutboundWalk();
  readPartKinds(call, walk);
  if (hasMembers(call.body)) {
    walk.value(call.body, '');
    for (const number of longNumbers(call.payload)) readLong(number, walk);
    walk.texts.push(...dictatedNumbers(call.body));
  } else readRaw(call, walk);
  readChannels(call, walk);
  if (walk.chars > MOST_CHARS) walk.unread.add('too_long');
  const { texts, unread, references, results } = walk;
  return { texts, unread: listOf(unread), references: listOf(references), results };
}

function hasMembers(body: object): boolean {
  for (const _ in body) return true;
  return false;
}

/** Of a fraction's digits too, which detectors take for no number of anything. */
function readLong(number: string, walk: OutboundWalk): void {
  walk.text(number, '');
  for (const digits of number.split(/0{4,}|[.eE+-]/)) if (digits !== number) walk.text(digits, '');
}

/** A body that is no JSON object. */
function readRaw({ payload, contentType }: Call, walk: OutboundWalk): void {
  const { texts, unread } = readBodyText(payload, contentType);
  const isForm = contentType.startsWith('application/x-www-form-urlencoded');
  for (const text of texts)
    for (const part of isForm ? text.split(/[&=]/).flatMap(bothWays) : [text]) walk.text(part, '');
  for (const kind of unread) walk.unread.add(kind);
}

/**
 * In a query a plus sign is a space, but telephone numbers are written with one. Further escapes are the reader's to undo;
 * neighbours are joined as they are here.
 */
function bothWays(written: string): readonly string[] {
  const text = decodedOnce(written);
  return text.includes('+') ? [text, text.replaceAll('+', ' ')] : [text];
}

function readChannels(call: Call, walk: OutboundWalk): void {
  const { path, contentType, forwardHeaders, override } = call;
  // The model that is asked for.
  if (override !== undefined) walk.text(override, 'model');
  if (!PLAIN_PATHS.has(path))
    for (const part of path.split(/[/?&=]/)) for (const text of bothWays(part)) walk.text(text, '');
  if (contentType !== 'application/json') walk.text(contentType, '');
  for (const name in forwardHeaders) {
    const value = forwardHeaders[name] ?? '';
    walk.text(value, name);
    // Node reads headers as Latin-1, a server may read them as UTF-8.
    if (/[\u0080-\u00ff]/.test(value))
      walk.text(Buffer.from(value, 'latin1').toString('utf8'), name);
  }
}

/** Our own routes without a query. */
const PLAIN_PATHS: ReadonlySet<string> = new Set([
  '/chat/completions',
  '/completions',
  '/embeddings',
  '/responses',
  '/messages',
]);
