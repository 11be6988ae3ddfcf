/** Base64 and hex in a text: what they hold, read where it is text, else named by its kind. */
import { isUtf8 } from 'node:buffer';
import type { UnreadKind } from '../core/unread.ts';
import { unitAt } from '../lib/text-units.ts';

/** Shorter runs are decoded where the text is judged; they are too short for a picture or a sound. */
const LONG_RUN = 256;

/** Base64, its URL form and hex, lines of 60 characters or more joined as MIME breaks them. */
const RUNS =
  /(?:[A-Za-z\d+/_-]{60,}[\r\n]{1,2}){3,}[A-Za-z\d+/_-]*={0,2}|[A-Za-z\d+/_-]{256,}={0,2}/g;
const DATA_URLS = /data:([\w.+/-]*)((?:;[^;,\s]{0,80}){0,4}),([^\s"'<>)]*)/gi;

export interface Decoded {
  readonly texts: readonly string[];
  readonly unread: readonly UnreadKind[];
}

/** Cheap: whether `decodedMedia` could find anything. */
export const mayHoldMedia = (text: string): boolean =>
  text.length >= LONG_RUN || text.includes('data:');

/** What the encoded parts of a text hold. Linear in the text. */
export function decodedMedia(text: string): Decoded {
  const texts: string[] = [];
  const unread = new Set<UnreadKind>();
  for (const { bytes, type } of [...dataUrls(text), ...longRuns(text)]) {
    const read = textOf(bytes, type);
    if (read === undefined) unread.add(kindOf(bytes, type));
    else texts.push(read);
  }
  return { texts, unread: [...unread] };
}

interface Encoded {
  readonly bytes: Buffer;
  /** The media type, where it is said. */
  readonly type: string;
}

function dataUrls(text: string): readonly Encoded[] {
  if (!text.includes('data:')) return [];
  const found: Encoded[] = [];
  for (const [, type = '', options = '', data = ''] of text.matchAll(DATA_URLS)) {
    if (data === '' || type + options === '') continue;
    const isBase64 = /;base64$/i.test(options);
    const bytes = isBase64 ? Buffer.from(data, 'base64') : percentBytes(data);
    found.push({ bytes, type: type.toLowerCase() });
  }
  return found;
}

function longRuns(text: string): readonly Encoded[] {
  if (text.length < LONG_RUN) return [];
  const runs = stretches(text).flatMap(runsIn);
  return runs.filter(isEncoded).map((run) => ({ bytes: bytesOf(run), type: '' }));
}

/** Where there are no lines, a stretch has only the signs at the end of Base64 between its runs: pictures are megabytes of one. */
const runsIn = (stretch: string): readonly string[] =>
  /[\r\n]/.test(stretch)
    ? (stretch.match(RUNS) ?? [])
    : stretch.split('=').filter(({ length }) => length >= LONG_RUN);

/**
 * What `RUNS` can lie in: nothing but its characters, with a line of them that is long enough. Elsewhere it need not be tried. Looks
 * at one character of a line's length, and from there back to the last that is none of a line's.
 */
function stretches(text: string): readonly string[] {
  const found: string[] = [];
  const isIn = (at: number): boolean => kindOfUnit(unitAt(text, at)) === ENCODED;
  let [before, last] = [-1, LEAST_LINE - 1];
  while (last < text.length) {
    let at = last;
    while (at > last - LEAST_LINE && isIn(at)) at -= 1;
    if (at > last - LEAST_LINE) {
      last = at + LEAST_LINE;
      continue;
    }
    while (at > before && !isOther(text, at)) at -= 1;
    const end = nextOther(text, last);
    found.push(text.slice(at + 1, end));
    before = end;
    last = end + LEAST_LINE;
  }
  return found;
}

/** An expression goes over megabytes four times as fast as a loop. */
function nextOther(text: string, from: number): number {
  const other = /[^A-Za-z\d+/_=\r\n-]/g;
  other.lastIndex = from;
  return other.exec(text)?.index ?? text.length;
}

const isOther = (text: string, at: number): boolean => kindOfUnit(unitAt(text, at)) === OTHER;

/** The shortest line of `RUNS`. */
const LEAST_LINE = 60;
const [OTHER, ENCODED, BETWEEN] = [0, 1, 2];
const KINDS = Uint8Array.from({ length: 128 }, (_, unit) => {
  const mark = String.fromCharCode(unit);
  if (/[A-Za-z\d+/_-]/.test(mark)) return ENCODED;
  return /[\r\n=]/.test(mark) ? BETWEEN : OTHER;
});

const kindOfUnit = (unit: number): number => (unit < KINDS.length ? KINDS[unit]! : OTHER);

/** Capitals, small letters and digits mixed, or hex: a rule of dashes and a long word are neither. */
const isEncoded = (run: string): boolean =>
  isHex(run) || (/[A-Z]/.test(run) && /[a-z]/.test(run) && /\d/.test(run));

const isHex = (run: string): boolean => /^[\da-f\r\n]+$/i.test(run) && /\d/.test(run);

function bytesOf(run: string): Buffer {
  const joined = run.replaceAll(/[\r\n]/g, '');
  return Buffer.from(joined, isHex(run) ? 'hex' : 'base64');
}

function percentBytes(data: string): Buffer {
  try {
    return Buffer.from(decodeURIComponent(data));
  } catch {
    return Buffer.from(data);
  }
}

/** Types whose bytes are text: RFC 2046 text, JSON, XML, CSV and what is written in them. */
const TEXTUAL =
  /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|yaml|x-yaml|x-ndjson|jsonl|csv|javascript|sql|toml)$|image\/svg)/;

/** The bytes as text; undefined for what is none, whatever it is called. */
export function textOf(bytes: Buffer, type = ''): string | undefined {
  if (MAGIC.some(([head]) => bytes.subarray(0, head.length).equals(head))) return undefined;
  if (isWide(bytes)) return bytes.toString('utf16le');
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  if (CONTROLS.test(text)) return undefined;
  return type === '' || TEXTUAL.test(type) || !/^(?:image|audio|video)\//.test(type)
    ? text
    : undefined;
}

/** No text has them. */
// oxlint-disable-next-line no-control-regex -- they are what tells bytes from text
const CONTROLS = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/;

/** UTF-16, little-endian, of mostly Latin text: a zero after nearly each byte. */
function isWide(bytes: Buffer): boolean {
  const size = Math.min(bytes.length, 256);
  if (size < 8 || bytes.length % 2 !== 0) return false;
  let zeros = 0;
  for (let at = 1; at < size; at += 2) if (bytes[at] === 0) zeros += 1;
  return zeros > size / 3;
}

/** First bytes of formats, from the registry of `file(1)`. */
const MAGIC: readonly (readonly [head: Buffer, kind: UnreadKind])[] = [
  [Buffer.from('89504e47', 'hex'), 'image'],
  [Buffer.from('ffd8ff', 'hex'), 'image'],
  [Buffer.from('GIF8'), 'image'],
  [Buffer.from('RIFF'), 'image'],
  [Buffer.from('BM'), 'image'],
  [Buffer.from('ID3'), 'audio'],
  [Buffer.from('OggS'), 'audio'],
  [Buffer.from('fLaC'), 'audio'],
  [Buffer.from('fffb', 'hex'), 'audio'],
  [Buffer.from('1a45dfa3', 'hex'), 'video'],
  [Buffer.from('%PDF'), 'file'],
  [Buffer.from('PK\u0003\u0004'), 'file'],
  [Buffer.from('1f8b', 'hex'), 'file'],
];

function kindOf(bytes: Buffer, type: string): UnreadKind {
  const [family] = type.split('/', 1);
  if (family === 'image' || family === 'audio' || family === 'video') return family;
  if (bytes.toString('latin1', 8, 12) === 'WAVE') return 'audio';
  if (bytes.toString('latin1', 4, 8) === 'ftyp') return 'video';
  return MAGIC.find(([head]) => bytes.subarray(0, head.length).equals(head))?.[1] ?? 'file';
}
