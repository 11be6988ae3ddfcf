/** What of a text is somebody's own words: without program text, addresses, identifiers and what is quoted. */

/** Fences of code, with what is between them, and code between backticks. */
const FENCED = /```[^]*?(?:```|$)|`[^`\n]+`/g;
const ADDRESS = /\b(?:https?|ftp):\/\/\S+|\b\S+@\S+\.\S+|\b[\w.-]+\/[\w./-]+/g;
/** Base64, hashes, ids: long words with digits in them. */
const IDENTIFIER = /(?<![\p{L}\p{N}])(?=[\w+/=-]*\d)[\w+/=-]{10,}/gu;
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
/** No programming language is written in these. */
const OTHER_SCRIPT =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Cyrillic}]{4}/u;
/** What is left beside a quotation must be enough to tell the language by. */
const MIN_LETTERS = 20;
/** So many plain words in a row are a sentence, whatever stands around them. */
const SENTENCE = /(?:(?<![\p{L}\p{N}_])\p{Ll}{2,}(?:['’]\p{Ll}+)?[,.?!]? +){3}\p{Ll}{2,}/u;

export function proseOf(text: string): string {
  const plain = text.replace(FENCED, ' ').replace(ADDRESS, ' ').replace(QUERY, ' ');
  const lines = plain.split('\n').filter((line) => !isCode(line));
  const own = lines.join('\n').replace(IDENTIFIER, ' ');
  const unquoted = own.replace(QUOTED, ' ');
  const said = lettersIn(unquoted) >= MIN_LETTERS ? unquoted : own;
  return withoutBorrowed(said);
}

function isCode(line: string): boolean {
  if (SENTENCE.test(line) || OTHER_SCRIPT.test(line)) return false;
  if (COMMAND.test(line) || CODE_EDGE.test(line)) return true;
  const marks = line.match(CODE_MARK)?.length ?? 0;
  return marks >= MIN_MARKS && line.length <= marks * CHARACTERS_A_MARK;
}

/** Scripts that need fewer characters for a word than Latin letters do. */
const DENSE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu;
const LATIN = /\p{Script=Latin}/gu;
const LETTERS_A_SIGN = 5;

/** Latin words in a Chinese, Japanese or Korean sentence are names and program text. */
function withoutBorrowed(text: string): string {
  const signs = text.match(DENSE)?.length ?? 0;
  const latin = text.match(LATIN)?.length ?? 0;
  return signs > 0 && signs * LETTERS_A_SIGN > latin ? text.replace(LATIN, ' ') : text;
}

const lettersIn = (text: string): number => text.match(/\p{L}/gu)?.length ?? 0;
