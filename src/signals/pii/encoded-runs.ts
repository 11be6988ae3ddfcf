/** Runs of Base64, Base32 and hex in a text that hold text. */

const BASE64 = /[A-Za-z\d+/_-]{12,}(?:\r?\n[A-Za-z\d+/]{2,})*/g;
const BASE32 = /\b[A-Z2-7]{16,}\b/gi;
const HEX = /(?<![\da-z])(?:(?:0x|\\x)?[\da-f]{2}[ \t\r\n:,-]{0,2}){7,}(?![\da-z])/gi;

/** What each run says, where that is readable. Linear in the text. */
export function decodedRuns(text: string): string[] {
  const found: string[] = [];
  const add = (bytes: Buffer): void => {
    const read = readable(bytes);
    if (read !== undefined) found.push(read);
  };
  for (const [run] of text.matchAll(BASE64)) if (isMixed(run)) add(fromBase64(run));
  for (const [run] of text.matchAll(BASE32)) add(fromBase32(run));
  for (const [run] of text.matchAll(HEX)) {
    const digits = run.replaceAll(/0x|\\x|[^\da-f]/gi, '');
    if (digits.length >= 14) add(Buffer.from(digits, 'hex'));
  }
  return found;
}

/** Small letters beside capitals or digits within: what Base64 looks like, and few words do. */
const isMixed = (run: string): boolean =>
  /[a-z]/.test(run) && (/\d/.test(run) || /[a-z\d][A-Z]/.test(run));

const fromBase64 = (run: string): Buffer => Buffer.from(run.replaceAll(/\s/g, ''), 'base64');

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function fromBase32(run: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of run.toUpperCase()) {
    held = (held << 5) | ALPHABET.indexOf(letter);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((held >> bits) & 255);
    held &= (1 << bits) - 1;
  }
  return Buffer.from(bytes);
}

/** Every second byte is 0, as of ASCII in UTF-16. */
const isWide = (bytes: Buffer, first: 0 | 1): boolean =>
  bytes[first] === 0 && bytes[first + 2] === 0;

/** Read as UTF-16 where its mark is first, or ASCII in it. */
function wideText(bytes: Buffer): string | undefined {
  const mark = bytes.readUInt16BE();
  if (mark === 0xfffe || isWide(bytes, 1)) return bytes.toString('utf16le');
  if (mark !== 0xfeff && !isWide(bytes, 0)) return undefined;
  return Buffer.from(bytes.subarray(0, bytes.length & ~1))
    .swap16()
    .toString('utf16le');
}

const LEAST_BYTES = 7;

/** Text in UTF-8, or in UTF-16 as some shells encode commands, in either order; nothing else that the bytes may be. */
function readable(bytes: Buffer): string | undefined {
  if (bytes.length < LEAST_BYTES) return undefined;
  const wide = wideText(bytes);
  if (wide !== undefined) return wide;
  for (const byte of bytes)
    if (byte < 9 || (byte > 13 && byte < 32) || byte === 127) return undefined;
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? undefined : text;
}
