/** Values that stand in a text in pieces: put together by code, by tags around groups of figures, or as numbers of characters. */

const SPACE = String.raw`[ \t\r\n]{0,12}`;
/** Two literals that an operator of some language makes one: `'ben@' + "corp.jp"`. */
const GLUE = new RegExp(String.raw`["'\`]${SPACE}(?:\+|\.\.?|\|\||&|<>|~)${SPACE}["'\`]`, 'g');
/** Two literals of a list, or side by side, at an at sign: what is put together of these is said elsewhere. */
const SIDE_BY_SIDE = String.raw`["'\`]${SPACE},?${SPACE}["'\`]`;
const LISTED = new RegExp(`(?<=@)${SIDE_BY_SIDE}|${SIDE_BY_SIDE}(?=@)`, 'g');
/** Tags within a line: cells and blocks stand apart. */
const INLINE =
  /<\/?(?:a|abbr|b|bdi|bdo|big|code|em|font|i|ins|kbd|mark|s|samp|small|span|strong|sub|sup|tt|u|var|wbr)(?:\s[^<>]{0,200})?\/?>/gi;

/** With literals put together; the text itself where there are none. */
export const glued = (text: string): string => text.replaceAll(GLUE, '');
export const listed = (text: string): string => text.replaceAll(LISTED, '');
/** What sets off a part of a row of figures: Markdown's marks, and a comment. */
const WITHIN_FIGURES = /(?<=\d)(?:\*{1,6}|~~|`|<!--[^<>]{0,100}-->)(?=\d)/g;
export const withoutInlineTags = (text: string): string =>
  text.includes('<') ? text.replaceAll(INLINE, '') : text;
export const withoutMarksWithin = (text: string): string => text.replaceAll(WITHIN_FIGURES, '');

/** What a file is called by: `DNI_12345678Z_front.jpg`. */
const CALLED_BY =
  /(?<![A-Za-z])(?:dni|nif|nie|nino|ssn|cpf|curp|pesel|bsn|iban|tel|phone|mobile|cell|whatsapp|movil|handy)_(?=[A-Z\d+])[\w+-]{7,40}/gi;
/** Its parts apart from each other. */
export const withoutUnderscores = (text: string): string =>
  text.includes('_') ? text.replaceAll(CALLED_BY, (name) => name.replaceAll('_', ' ')) : text;

/** Seven codes, the shortest address, with a mark between each two. */
const DECIMAL = /\d[\d ,;]{19,}/g;
const BINARY = /[01][01 ,;]{54,}/g;
const LEAST_CODES = 7;
const LETTERS = /[A-Za-z]/;

/** A code that says so: `chr(98) + chr(101)`, `Chr(98) & Chr(101)`, `CHAR(98) || CHAR(101)`. */
const CALLED =
  /\b(?:chrw?|char|unichr|fromCharCode|fromCodePoint)\( ?(\d{2,3}) ?\)(?: ?[+&|.,] ?){0,2}/gi;

/** Of a list of them too. */
const CALLS = /\b(?:fromCharCode|fromCodePoint|bytes|bytearray)\(/;

/** What runs of numbers say as characters of ASCII. Figures alone are ages, temperatures and counts, where no function makes them characters. */
export function fromCodes(text: string): readonly string[] {
  const read = text.replaceAll(CALLED, '$1,');
  const least = read !== text || CALLS.test(text) ? /./ : LETTERS;
  return [
    ...(read.match(DECIMAL) ?? []).flatMap((run) => charactersIn(run, DECIMAL_CODE, least)),
    ...(text.match(BINARY) ?? []).flatMap((run) => charactersIn(run, BINARY_CODE, LETTERS)),
  ];
}

interface Code {
  readonly form: RegExp;
  readonly radix: number;
}
const DECIMAL_CODE: Code = { form: /^\d{2,3}$/, radix: 10 };
const BINARY_CODE: Code = { form: /^[01]{7,8}$/, radix: 2 };

function charactersIn(run: string, { form, radix }: Code, least: RegExp): readonly string[] {
  const found: string[] = [];
  let said = '';
  const end = (): void => {
    if (said.length >= LEAST_CODES && least.test(said)) found.push(said);
    said = '';
  };
  for (const digits of run.split(/[ ,;]+/)) {
    const code = form.test(digits) ? Number.parseInt(digits, radix) : 0;
    if (code >= 9 && code < 127) said += String.fromCharCode(code);
    else end();
  }
  end();
  return found;
}
