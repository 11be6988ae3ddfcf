/**
 * The text in a passthrough body (uploads, other routes), so that signals such as personal data can still be evaluated. Images
 * and audio have none.
 */
const TEXTUAL = /^(text\/|application\/(json|x-ndjson|jsonl|xml|csv|x-www-form-urlencoded))/i;
const TEXT_FILE =
  /filename="[^"]*\.(txt|md|csv|tsv|json|jsonl|ndjson|xml|ya?ml|html?|log|srt|vtt)"/i;

export function textInBody(payload: Buffer, contentType: string): string {
  if (payload.length === 0) return '';
  if (TEXTUAL.test(contentType)) return payload.toString('utf8');
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  return boundary === undefined ? '' : multipartText(payload, boundary);
}

function multipartText(payload: Buffer, boundary: string): string {
  const marker = Buffer.from(`--${boundary}`);
  const texts: string[] = [];
  let start = payload.indexOf(marker);
  while (start !== -1) {
    const next = payload.indexOf(marker, start + marker.length);
    if (next === -1) break;
    const text = partText(payload.subarray(start + marker.length, next));
    if (text !== '') texts.push(text);
    start = next;
  }
  return texts.join('\n');
}

function partText(part: Buffer): string {
  const split = part.indexOf('\r\n\r\n');
  if (split === -1) return '';
  const head = part.subarray(0, split).toString('utf8');
  const isFile = /filename=/i.test(head);
  const type = /content-type:\s*([^\r\n]+)/i.exec(head)?.[1] ?? '';
  if (isFile && !TEXTUAL.test(type) && !TEXT_FILE.test(head)) return '';
  return part.subarray(split + 4).toString('utf8');
}
