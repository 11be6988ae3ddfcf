/** What of a text is somebody's own words: without program text, addresses, identifiers and what is quoted. */
import { isDigit } from '../../lib/ascii.ts';
import { unitReader } from '../../lib/text-units.ts';

/** Fences of code, with what is between them, and code between backticks. */
const FENCED = /```[^]*?(?:```|$)|`[^`\n]+`/g;
const ADDRESS = /\b(?:https?|ftp):\/\/\S+|\b\S+@\S+\.\S+|\b[\w.-]+\/[\w./-]+/g;
const MAY_BE_ADDRESS = /[/@]/;
/** Base64, hashes, ids: long words with digits in them. */
const IDENTIFIER = /(?<![\p{L}\p{N}])(?=[\w+/=-]*\d)[\w+/=-]{10,}/gu;
const LEAST_IDENTIFIER = 10;
const QUERY = /\b(?:SELECT|UPDATE|DELETE|INSERT INTO|CREATE TABLE|ALTER TABLE)\b[^\n]*/g;
/** Shorter quotations are part of the sentence. */
const QUOTED = /"[^"\n]{15,}"|“[^”\n]{15,}”|«[^»\n]{15,}»|„[^“”\n]{15,}[“”]/g;
const COMMAND =
  /^\s*\$?\s*(?:git|npm|npx|yarn|pip3?|docker|kubectl|helm|curl|sudo|ls|grep|ssh|apt(?:-get)?|brew|cargo|python3?|node)\s(?=.*(?:\s--?\w|[|/~=@]|\.\w))|^\s*(?:npm|npx|yarn|pip3?|docker|kubectl|git) \w+(?: \S+)?$/;
/** What lines of program text begin or end with. */
const CODE_EDGE =
  /[;{}]\s*$|^\s*[{}<@)\]]|^\s*#\s?include\b|^\s*(?:def|class|function|fn|func|import|from|const|let|var|public|private|static|elif)\b.*[=(){}:;'"]|^\s+return\b|^\s*(?:if|for|while|else|try|except)\b.*[({:]\s*$/;
const CODE_MARK = /[{}[\]<>=;|&$\\_*+]|\w\(|\)\./g;
const MIN_MARKS = 3;
/** One mark for so many characters or fewer is program text. */
const CHARACTERS_A_MARK = 9;
/** A text without any of these has nothing to leave out: most have none. */
const MARKED =
  /[`{}[\]=;<>|$\\"“«„@/_~*+#]|\s-|\d{4}|^\s*(?:npm|npx|yarn|pip3?|docker|kubectl|git) /;
/** No programming language is written in these. */
const OTHER_SCRIPT =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Cyrillic}]{4}/u;
/** What is left beside a quotation must be enough to tell the language by. */
const MIN_LETTERS = 20;
/** So many plain words in a row are a sentence, whatever stands around them. */
const SENTENCE = /(?:(?<![\p{L}\p{N}_])\p{Ll}{2,}(?:['’]\p{Ll}+)?[,.?!]? +){3}\p{Ll}{2,}/u;

export function proseOf(text: string): string {
  if (!MARKED.test(text)) return withoutBorrowed(text);
  const unfenced = text.replace(FENCED, ' ');
  const plain = MAY_BE_ADDRESS.test(unfenced) ? unfenced.replace(ADDRESS, ' ') : unfenced;
  const lines = plain.replace(QUERY, ' ').split('\n');
  const written = lines.filter((line) => !isCode(line)).join('\n');
  const own = mayHaveIdentifier(written) ? written.replace(IDENTIFIER, ' ') : written;
  const unquoted = own.replace(QUOTED, ' ');
  const said = unquoted === own || lettersIn(unquoted) >= MIN_LETTERS ? unquoted : own;
  return withoutBorrowed(said);
}

const unitsOf = unitReader();
/** Of an identifier, by ASCII code. */
const OF_IDENTIFIER = Uint8Array.from({ length: 128 }, (_, unit) =>
  /[\w+/=-]/.test(String.fromCharCode(unit)) ? 1 : 0,
);

/** Whether a digit is among so many signs of an identifier. */
function mayHaveIdentifier(text: string): boolean {
  const units = unitsOf(text);
  for (let at = 0, end = text.length; at < end; at++) {
    if (!isDigit(units[at]!)) continue;
    let from = at;
    while (from > 0 && OF_IDENTIFIER[units[from - 1]!] === 1) from--;
    while (OF_IDENTIFIER[units[at]!] === 1) at++;
    if (at - from >= LEAST_IDENTIFIER) return true;
  }
  return false;
}

function isCode(line: string): boolean {
  if (SENTENCE.test(line) || OTHER_SCRIPT.test(line)) return false;
  if (COMMAND.test(line) || CODE_EDGE.test(line)) return true;
  const marks = line.match(CODE_MARK)?.length ?? 0;
  return marks >= MIN_MARKS && line.length <= marks * CHARACTERS_A_MARK;
}

/** Letters for a word in Latin script, for one sign of a script that writes a word with one or two. */
const LETTERS_A_SIGN = 5;
const LATIN = /\p{Script=Latin}/gu;

/** Latin words in a Chinese, Japanese or Korean sentence are names and program text. */
function withoutBorrowed(text: string): string {
  const units = unitsOf(text);
  let signs = 0;
  let letters = 0;
  for (let at = 0, end = text.length; at < end; at++) {
    const unit = units[at]!;
    if (unit < IS_LATIN.length) letters += IS_LATIN[unit]!;
    else if (isSign(unit)) signs++;
  }
  return signs > 0 && signs * LETTERS_A_SIGN > letters ? text.replace(LATIN, ' ') : text;
}

/** Kana, Chinese characters, Korean syllables. */
const isSign = (unit: number): boolean =>
  (unit >= 0x3040 && unit <= 0x30ff) ||
  (unit >= 0x3400 && unit <= 0x9fff) ||
  (unit >= 0xac00 && unit <= 0xd7af);

/** As near as a look at one unit gets. */
const IS_LATIN = new Uint8Array(0x250).fill(1, 0x41, 0x5b).fill(1, 0x61, 0x7b).fill(1, 0xc0);

const lettersIn = (text: string): number => text.match(/\p{L}/gu)?.length ?? 0;
