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
  readonly text: string;
  readonly unread: readonly UnreadKind[];
}

const NOTHING: BodyText = { text: '', unread: [] };

export const textInBody = (payload: Buffer, contentType: string): string =>
  readBodyText(payload, contentType).text;

export function readBodyText(payload: Buffer, contentType: string): BodyText {
  if (payload.length === 0) return NOTHING;
  const boundary = /^multipart\/[\w-]+;.*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (boundary !== undefined) return multipart(payload, boundary);
  const text = TEXTUAL.test(contentType) ? textOf(payload) : undefined;
  return text === undefined
    ? { text: '', unread: [kindOfType(contentType)] }
    : { text, unread: [] };
}

function kindOfType(type: string): UnreadKind {
  const family = /^(image|audio|video)\//i.exec(type)?.[1]?.toLowerCase();
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'opaque_body';
}

/** Every part with its head, and what stands before the first and behind the last. */
function multipart(payload: Buffer, boundary: string): BodyText {
  const marker = Buffer.from(`--${boundary}`);
  const texts: string[] = [];
  const unread = new Set<UnreadKind>();
  let from = 0;
  for (let isFirst = true; from <= payload.length; isFirst = false) {
    const next = payload.indexOf(marker, from);
    const piece = payload.subarray(from, next === -1 ? payload.length : next);
    const isOutside = isFirst || next === -1;
    readPart(piece, isOutside, { texts, unread });
    if (next === -1) break;
    from = next + marker.length;
  }
  return { text: texts.join('\n'), unread: [...unread] };
}

interface Reading {
  readonly texts: string[];
  readonly unread: Set<UnreadKind>;
}

function readPart(part: Buffer, isOutside: boolean, { texts, unread }: Reading): void {
  const split = isOutside ? -1 : part.indexOf('\r\n\r\n');
  const head = split === -1 ? '' : part.subarray(0, split).toString('utf8');
  const type = /content-type:\s*([^\r\n]+)/i.exec(head)?.[1] ?? '';
  const body = split === -1 ? part : part.subarray(split + 4);
  const text = isReadable(head, type) ? textOf(body) : undefined;
  if (text === undefined) unread.add(fileKind(type));
  for (const said of [head, text ?? ''])
    if (said.trim() !== '' && said.trim() !== '--') texts.push(said.replace(/\r\n$/, ''));
}

const isReadable = (head: string, type: string): boolean =>
  !FOREIGN_CHARSET.test(type) &&
  (!/filename\*?=/i.test(head) || TEXTUAL.test(type) || TEXT_FILE.test(head));

function fileKind(type: string): UnreadKind {
  const kind = kindOfType(type);
  return kind === 'opaque_body' ? 'file' : kind;
}
