/** Undoes what transports do to a text: escapes of JSON, of URLs, of HTML, of mail. */

/** JSON in a string of JSON in a URL in a mail, and one more. */
const MOST_ROUNDS = 6;

/** Escapes undone until nothing changes. */
export function withoutEscapes(text: string): string {
  let decoded = text;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = once(decoded);
    if (next === decoded) return decoded;
    decoded = next;
  }
  return decoded;
}

function once(text: string): string {
  let decoded = text;
  if (decoded.includes('\\')) decoded = decoded.replaceAll(BACKSLASHED, unescape);
  if (decoded.includes('%'))
    decoded = decoded
      .replaceAll(/%u([\da-fA-F]{4})/g, (_, code: string) => character(Number.parseInt(code, 16)))
      .replaceAll(/(?:%[\da-fA-F]{2})+/g, percentDecoded);
  if (decoded.includes('&')) decoded = decoded.replaceAll(ENTITIES, entity);
  if (decoded.includes('='))
    decoded = decoded.replaceAll(PLUSES, blanks).replaceAll(QUOTED, quoted);
  if (decoded.includes('+'))
    decoded = decoded
      .replaceAll(UTF_7, utf7)
      .replaceAll(LONG_UTF_7, utf7)
      .replaceAll(CODE_POINT, (_, code: string) => character(Number.parseInt(code, 16)));
  return decoded;
}

const BACKSLASHED =
  /\\(?:u\{([\da-fA-F]{1,6})\}|(?:u|U[\da-fA-F]{4})([\da-fA-F]{4})|x([\da-fA-F]{2})|([0-3][0-7]{2})|([\s\S]))/g;

function unescape(...[, braced, four, two, octal, mark]: readonly (string | undefined)[]): string {
  const code = braced ?? four ?? two;
  if (code !== undefined) return character(Number.parseInt(code, 16));
  if (octal !== undefined) return character(Number.parseInt(octal, 8));
  return mark !== undefined && 'nrtbf'.includes(mark) ? '\n' : (mark ?? '');
}

const character = (code: number): string => (code > 0x10ffff ? '' : String.fromCodePoint(code));

function percentDecoded(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return Buffer.from(run.replaceAll('%', ''), 'hex').toString('latin1');
  }
}

const ENTITIES = /&(?:#x0{0,20}([\da-fA-F]{1,6})|#0{0,20}(\d{1,7})|([a-zA-Z]{2,8}));?/g;

/** HTML's names for what stands in addresses and numbers. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['commat', '@'],
  ['period', '.'],
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
  ['ensp', ' '],
  ['emsp', ' '],
  ['thinsp', ' '],
  ['shy', ''],
  ['zwj', ''],
  ['zwnj', ''],
  ['hyphen', '-'],
  ['dash', '-'],
  ['ndash', '-'],
  ['mdash', '-'],
  ['plus', '+'],
  ['lowbar', '_'],
  ['sol', '/'],
  ['colon', ':'],
  ['equals', '='],
  ['middot', '.'],
  ['num', '#'],
  ['percnt', '%'],
]);

function entity(...[whole = '', hex, decimal, name]: readonly (string | undefined)[]): string {
  if (hex !== undefined) return character(Number.parseInt(hex, 16));
  if (decimal !== undefined) return character(Number(decimal));
  return NAMED.get(name ?? '') ?? whole;
}

/** Quoted-printable (RFC 2045): capitals, and a soft line break. Not a number of a query (`card=4111…`), of which it would take the first figures. */
const QUOTED = /=\r?\n|(?!=\d{4})(?:=[\dA-F]{2})+/g;

/** A number in a query as forms write it, with a plus for each space. */
const PLUSES = /=\+?[A-Z]{0,4}\d{1,6}(?:\+[A-Z\d]{1,7}){1,9}/g;

const blanks = (number: string): string =>
  number.slice(0, 2) + number.slice(2).replaceAll('+', ' ');

const quoted = (run: string): string =>
  run.length <= 2 || run.includes('\n')
    ? ''
    : Buffer.from(run.replaceAll('=', ''), 'hex').toString('utf8');

/** As Unicode's charts name a character. */
const CODE_POINT = /\bU\+([\da-fA-F]{4,6})\b(?: (?=U\+))?/g;

/** UTF-7 (RFC 2152): characters between a plus and a hyphen. Of ASCII, however long, none makes another plus. */
const UTF_7 = /\+([A-Za-z\d+/]{3,24})-/g;
const LONG_UTF_7 = /\+([A-Za-z\d/]{25,2000})-/g;

function utf7(...[whole = '', inner = '']: readonly (string | undefined)[]): string {
  const bytes = Buffer.from(inner, 'base64');
  if (bytes.length % 2 !== 0 || bytes[0] !== 0) return whole;
  return bytes.swap16().toString('utf16le');
}
