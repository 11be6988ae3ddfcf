/**
 * The text in a passthrough body (uploads, other routes), so that signals such as personal data can still be evaluated, and the
 * kinds of what is none.
 */
import type { UnreadKind } from '../core/unread.ts';
import { textOf } from './encoded-media.ts';

const TEXTUAL =
  /^(text\/|application\/([\w.-]+\+)?(json|x-ndjson|jsonl|xml|csv|yaml|x-yaml|x-www-form-urlencoded))/i;
const TEXT_FILE =
  /filename="[^"]*\.(txt|md|csv|tsv|json|jsonl|ndjson|xml|ya?ml|html?|log|srt|vtt)"/i;
/** Other encodings than ours would be read as something else than what was judged. */
const FOREIGN_CHARSET = /charset\s*=\s*"?(?!utf-?8\b|us-ascii\b)[\w-]/i;

interface BodyText {
  /** What stands before the parts of a form, and then what is in them, so that neighbours are neighbours. */
  readonly texts: readonly string[];
  readonly unread: readonly UnreadKind[];
}

const NOTHING: BodyText = { texts: [], unread: [] };

export const textInBody = (payload: Buffer, contentType: string): string =>
  readBodyText(payload, contentType).texts.join('\n');

/** What is text is read whatever it is called; what is not called text is unread all the same, since it may mean something else. */
export function readBodyText(payload: Buffer, contentType: string): BodyText {
  if (payload.length === 0) return NOTHING;
  const boundary = /^multipart\/[\w-]+;.*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary !== undefined) return multipart(payload, boundary);
  const text = textOf(payload);
  const isRead = text !== undefined && TEXTUAL.test(contentType);
  return {
    texts: text === undefined ? [] : [text],
    unread: isRead ? [] : [kindOfType(contentType)],
  };
}

function kindOfType(type: string): UnreadKind {
  const family = /^(image|audio|video)\//i.exec(type)?.[1]?.toLowerCase();
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'opaque_body';
}

/** Every part with its head, and what stands before the first and behind the last. */
function multipart(payload: Buffer, boundary: string): BodyText {
  const marker = Buffer.from(`--${boundary}`);
  const reading: Reading = { heads: [], bodies: [], unread: new Set() };
  let from = 0;
  for (let isFirst = true; from <= payload.length; isFirst = false) {
    const next = payload.indexOf(marker, from);
    const piece = payload.subarray(from, next === -1 ? payload.length : next);
    readPart(piece, isFirst || next === -1, reading);
    if (next === -1) break;
    from = next + marker.length;
  }
  return { texts: [...reading.heads, ...reading.bodies], unread: [...reading.unread] };
}

interface Reading {
  readonly heads: string[];
  readonly bodies: string[];
  readonly unread: Set<UnreadKind>;
}

function readPart(part: Buffer, isOutside: boolean, { heads, bodies, unread }: Reading): void {
  const split = isOutside ? -1 : part.indexOf('\r\n\r\n');
  const head = split === -1 ? '' : part.subarray(0, split).toString('utf8');
  const type = /content-type:\s*([^\r\n]+)/i.exec(head)?.[1] ?? '';
  const text = textOf(split === -1 ? part : part.subarray(split + 4));
  if (text === undefined || !isReadable(head, type)) unread.add(fileKind(type));
  for (const said of [head, continued(head)]) add(heads, said);
  add(bodies, text ?? '');
}

function add(texts: string[], said: string): void {
  if (said.trim() !== '' && said.trim() !== '--') texts.push(said.replace(/\r\n$/, ''));
}

/** A parameter in several (RFC 2231, section 3): `filename*0="a"; filename*1="b"`. */
const continued = (head: string): string =>
  head.includes('*1') ? head.replaceAll(/"?;[ \t\r\n]{0,8}[\w-]{1,40}\*\d{1,3}\*?="?/g, '') : '';

const isReadable = (head: string, type: string): boolean =>
  !FOREIGN_CHARSET.test(type) &&
  (!/filename\*?=/i.test(head) || TEXTUAL.test(type) || TEXT_FILE.test(head));

function fileKind(type: string): UnreadKind {
  const kind = kindOfType(type);
  return kind === 'opaque_body' ? 'file' : kind;
}
