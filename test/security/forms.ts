/** Ways to write a value so that a person or a program still reads it. */

export interface Form {
  readonly name: string;
  readonly write: (value: string) => string;
}

const hex = (value: string): readonly string[] =>
  Buffer.from(value).toString('hex').match(/../g) ?? [];

function base32(value: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = Array.from(Buffer.from(value))
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => alphabet.charAt(Number.parseInt(five.padEnd(5, '0'), 2)))
    .join('');
}

/** Each character but letters, so that no detector sees the shape. */
const marked = (value: string, write: (byte: string) => string): string =>
  value.replaceAll(/[^A-Za-z]/g, (mark) => hex(mark).map(write).join(''));

export const codes: readonly Form[] = [
  { name: 'Base64', write: (value) => Buffer.from(value).toString('base64') },
  { name: 'Base64 for URLs', write: (value) => Buffer.from(value).toString('base64url') },
  { name: 'Base64 twice', write: (value) => Buffer.from(Buffer.from(value).toString('base64')).toString('base64') },
  { name: 'Base64 of UTF-16', write: (value) => Buffer.from(value, 'utf16le').toString('base64') },
  { name: 'Base64 of UTF-16, high byte first', write: (value) => Buffer.from(value, 'utf16le').swap16().toString('base64') },
  { name: 'Base64 of UTF-16 with its mark', write: (value) => Buffer.from(`\ufeff${value}`, 'utf16le').toString('base64') },
  { name: 'Base32', write: base32 },
  { name: 'hex', write: (value) => hex(value).join('') },
  { name: 'hex apart', write: (value) => hex(value).join(' ') },
  { name: 'hex escapes', write: (value) => hex(value).map((byte) => `\\x${byte}`).join('') },
  { name: 'percent', write: encodeURIComponent },
  { name: 'percent three deep', write: (value) => encodeURIComponent(encodeURIComponent(encodeURIComponent(value))) },
  { name: 'percent, every byte', write: (value) => hex(value).map((byte) => `%${byte}`).join('') },
  { name: 'long escapes', write: (value) => marked(value, (byte) => `\\U000000${byte}`) },
  { name: 'code points', write: (value) => hex(value).map((byte) => `U+00${byte}`).join(' ') },
  { name: 'UTF-7', write: (value) => `+${Buffer.from(value, 'utf16le').swap16().toString('base64').replaceAll('=', '')}-` },
  { name: 'HTML, with zeros', write: (value) => Array.from(value).map((one) => `&#x0000000${one.codePointAt(0)?.toString(16)};`).join('') },
  { name: 'hex, a byte a line', write: (value) => hex(value).join('\n') },
  { name: 'JSON escapes', write: (value) => marked(value, (byte) => `\\u00${byte}`) },
  { name: 'HTML, decimal', write: (value) => Array.from(value).map((one) => `&#${one.codePointAt(0)};`).join('') },
  { name: 'HTML, hex', write: (value) => Array.from(value).map((one) => `&#x${one.codePointAt(0)?.toString(16)};`).join('') },
  { name: 'quoted-printable', write: (value) => marked(value, (byte) => `=${byte.toUpperCase()}`) },
]; // prettier-ignore

const inDigits =
  (write: (digit: number) => string) =>
  (value: string): string =>
    value.replaceAll(/\d/g, (digit) => write(Number(digit)));
const from = (zero: number) => inDigits((digit) => String.fromCodePoint(zero + digit));

export const scripts: readonly Form[] = [
  { name: 'Arabic-Indic', write: from(0x660) },
  { name: 'Persian', write: from(0x6f0) },
  { name: 'Devanagari', write: from(0x966) },
  { name: 'Bengali', write: from(0x9e6) },
  { name: 'Thai', write: from(0xe50) },
  { name: 'Khmer', write: from(0x17e0) },
  { name: 'full width', write: from(0xff10) },
  { name: 'mathematical', write: from(0x1d7ce) },
  { name: 'superscript', write: inDigits((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(digit)) },
  { name: 'subscript', write: from(0x2080) },
  { name: 'circled', write: inDigits((digit) => '⓪①②③④⑤⑥⑦⑧⑨'.charAt(digit)) },
  { name: 'Chinese', write: inDigits((digit) => '〇一二三四五六七八九'.charAt(digit)) },
  { name: 'Chinese of cheques', write: inDigits((digit) => '零壹贰叁肆伍陆柒捌玖'.charAt(digit)) },
  {
    name: 'Chinese of telephones',
    write: inDigits((digit) => '零幺二三四五六七八九'.charAt(digit)),
  },
  {
    name: 'braille',
    write: (value) =>
      value.replaceAll(
        /\d+/g,
        (run) => `⠼${Array.from(run, (digit) => '⠚⠁⠃⠉⠙⠑⠋⠛⠓⠊'.charAt(Number(digit))).join('')}`,
      ),
  },
  { name: 'private characters', write: inDigits((digit) => `${digit}\ue000`) },
  { name: 'replaced characters', write: inDigits((digit) => `${digit}\ufffd`) },
  {
    name: 'turned, shown as it was',
    write: (value) => `\u202e${Array.from(value).toReversed().join('')}\u202c`,
  },
  { name: 'keycaps', write: inDigits((digit) => `${digit}\ufe0f\u20e3`) },
  { name: 'zero-width space', write: inDigits((digit) => `${digit}\u200b`) },
  { name: 'zero-width joiner', write: inDigits((digit) => `${digit}\u200d`) },
  { name: 'word joiner', write: inDigits((digit) => `${digit}\u2060`) },
  { name: 'soft hyphen', write: inDigits((digit) => `${digit}\u00ad`) },
  { name: 'UTF-16 as single bytes', write: inDigits((digit) => `${digit}\0`) },
  { name: 'backspaces', write: inDigits((digit) => `${digit}\b`) },
  { name: 'halves of pairs', write: inDigits((digit) => `${digit}\ud800`) },
  { name: 'the colours of a terminal', write: inDigits((digit) => `\x1b[01;31m${digit}\x1b[m`) },
];

const between = (mark: string) => (value: string) => value.replaceAll(' ', mark);

export const marks: readonly Form[] = [
  ...[
    '·',
    '/',
    '.',
    '_',
    '-',
    ' - ',
    '  ',
    '\n',
    '\t',
    '•',
    ' / ',
    '|',
    ' . ',
    '\u2013',
    '\u3000',
    '\u2800',
  ].map((mark) => ({ name: JSON.stringify(mark), write: between(mark) })),
  { name: 'one by one', write: (value) => value.replaceAll(' ', '').split('').join(' ') },
];
