/**
 * Tokens of a text in `o200k_base`, estimated by a weighted automaton: one table look-up a character, no
 * branches, so English, code and Chinese all cost about 2 ns a character. The weights are fitted to
 * tiktoken's own counts of 6,600 texts (prompts, code, JSON, Markdown, compiler messages in 13 languages,
 * form messages in 60). On those texts the mean absolute error is 5 % and the 95th percentile 17 %; for
 * English prompts the median is 3 %. Weak: German and Slavic prose in Latin letters (10 to 25 % too low),
 * base64 (40 % too low).
 */
import { unitAt } from './text-units.ts';

/** Classes of characters. Scripts follow from `FIRST_SCRIPT` on. */
const LOWER = 0;
const UPPER = 1;
const ACCENTED = 2;
const DIGIT = 3;
const BLANK = 4;
const NEWLINE = 5;
const MARK = 6;
const FIRST_SCRIPT = 7;
const CLASSES = 32;

/** Tokens: [per character, extra per run]. */
const SCRIPTS = {
  symbol: [0.02, 1.1],
  greek: [0.31, 0.82],
  cyrillic: [0.145, 0.83],
  hebrew: [0.315, 0.36],
  arabic: [0.4, 0],
  indic: [0.18, 1],
  thai: [0.445, 0],
  kana: [0.57, 0.42],
  han: [0.72, 0],
  hangul: [0.47, 0.57],
  cjkMark: [0.3, 0],
  surrogate: [0.6, 1],
  other: [0.37, 0],
} as const;
type Script = keyof typeof SCRIPTS;
const SCRIPT_WEIGHTS = Object.values(SCRIPTS);
const scriptClass = (script: Script): number => FIRST_SCRIPT + Object.keys(SCRIPTS).indexOf(script);

/** Tokens of a word of Latin letters, by its length. */
const WORD = [0, 0.86, 0.86, 1.02, 1.02, 1.02, 1.06, 1.12, 1.32, 1.45, 1.5, 1.55, 1.7] as const;
const LONGEST_WORD = WORD.length - 1;
/** Letters beyond it: an identifier, a compound or a key. */
const PER_FURTHER_LETTER = 0.5;
const PER_ACCENT = 0.6;
/** A word in capitals: from its second letter on, and each letter. */
const SECOND_CAPITAL = 0.45;
const PER_CAPITAL = 0.014;
const PER_DIGIT_GROUP = 1.1;
const SPACE_BEFORE_DIGITS = 1;
const BREAK = 0.6;
const INDENT = 0.4;
const MARKS = 0.95;
const PER_FURTHER_MARK = 0.15;
/** Of a mark right before a word (`.name`, `(value`): often one token with it. */
const GLUED = 0.5;

/** States of the automaton; words of n letters are `WORDS + n`, scripts `SCRIPT_RUNS + class`. */
const START = 0;
const SPACE = 1;
const SPACES = 2;
const LINE = 3;
const LINE_SPACE = 4;
const LINE_SPACES = 5;
const MARK_ALONE = 6;
const MARK_AFTER_SPACE = 7;
const MARK_RUN = 8;
const DIGITS = 9;
const CAPITALS = 12;
const FIRST_CAPITAL = 13;
const WORDS = 13;
const LONG_WORD = WORDS + LONGEST_WORD + 1;
const SCRIPT_RUNS = LONG_WORD + 1 - FIRST_SCRIPT;
const STATES = SCRIPT_RUNS + FIRST_SCRIPT + SCRIPT_WEIGHTS.length;

type Step = readonly [state: number, tokens: number];

function step(state: number, id: number): Step {
  if (id >= FIRST_SCRIPT) return scriptStep(state, id);
  switch (id) {
    case DIGIT:
      return digitStep(state);
    case BLANK:
      return blankStep(state);
    case NEWLINE:
      return [LINE, state >= LINE && state <= LINE_SPACES ? 0 : BREAK];
    case MARK:
      return markStep(state);
    default:
      return letterStep(state, id);
  }
}

function scriptStep(state: number, id: number): Step {
  const [perCharacter, perRun] = SCRIPT_WEIGHTS[id - FIRST_SCRIPT]!;
  const run = SCRIPT_RUNS + id;
  return [run, state === run ? perCharacter : perCharacter + perRun];
}

function digitStep(state: number): Step {
  const inGroup = state - DIGITS;
  if (inGroup === 0 || inGroup === 1) return [state + 1, 0];
  return [DIGITS, PER_DIGIT_GROUP + (state === SPACE ? SPACE_BEFORE_DIGITS : 0)];
}

function blankStep(state: number): Step {
  if (state === SPACE) return [SPACES, INDENT];
  if (state === LINE) return [LINE_SPACE, 0];
  if (state === LINE_SPACE) return [LINE_SPACES, INDENT];
  return state === SPACES || state === LINE_SPACES ? [state, 0] : [SPACE, 0];
}

function markStep(state: number): Step {
  if (state >= MARK_ALONE && state <= MARK_RUN) return [MARK_RUN, PER_FURTHER_MARK];
  return [state === SPACE ? MARK_AFTER_SPACE : MARK_ALONE, MARKS];
}

function letterStep(state: number, id: number): Step {
  const accent = id === ACCENTED ? PER_ACCENT : 0;
  if (state === CAPITALS) return [CAPITALS, PER_CAPITAL + accent];
  if (id === UPPER) {
    return state === FIRST_CAPITAL ? [CAPITALS, SECOND_CAPITAL] : newWord(state, FIRST_CAPITAL, 0);
  }
  if (state === FIRST_CAPITAL) return [WORDS + 2, WORD[2] - WORD[1] + accent];
  const length = state - WORDS;
  if (length < 1 || state > LONG_WORD) return newWord(state, WORDS + 1, accent);
  if (length >= LONGEST_WORD) return [LONG_WORD, PER_FURTHER_LETTER + accent];
  return [state + 1, WORD[length + 1]! - WORD[length]! + accent];
}

const newWord = (from: number, to: number, accent: number): Step => [
  to,
  WORD[1] - (from === MARK_ALONE ? GLUED : 0) + accent,
];

/** Tokens are summed as integers: 1 token = 10,000 units. */
const UNITS = 10_000;

/** By state and class: the next state, multiplied so that it indexes a row, above the units of this step. */
const TABLE = Int32Array.from({ length: STATES * CLASSES }, (_, cell) => {
  const id = cell % CLASSES;
  if (id >= FIRST_SCRIPT + SCRIPT_WEIGHTS.length) return 0;
  const [state, tokens] = step(Math.floor(cell / CLASSES), id);
  return ((state * CLASSES) << 16) | Math.round(tokens * UNITS);
});

const ASCII = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code >= 97 && code <= 122) return LOWER;
  if (code >= 65 && code <= 90) return UPPER;
  if (code >= 48 && code <= 57) return DIGIT;
  if (code === 10) return NEWLINE;
  return code === 32 || (code >= 9 && code <= 13) ? BLANK : MARK;
});

/** First code unit of each range, ascending, and the script that begins there. */
const RANGES: readonly (readonly [number, Script | 'accented'])[] = [
  [0x80, 'symbol'],
  [0xc0, 'accented'],
  [0x250, 'other'],
  [0x300, 'accented'],
  [0x370, 'greek'],
  [0x400, 'cyrillic'],
  [0x530, 'other'],
  [0x590, 'hebrew'],
  [0x600, 'arabic'],
  [0x780, 'other'],
  [0x900, 'indic'],
  [0xe00, 'thai'],
  [0x1000, 'other'],
  [0x1100, 'hangul'],
  [0x1200, 'other'],
  [0x1780, 'thai'],
  [0x1800, 'other'],
  [0x1e00, 'accented'],
  [0x1f00, 'greek'],
  [0x2000, 'symbol'],
  [0x2e80, 'cjkMark'],
  [0x3040, 'kana'],
  [0x3100, 'cjkMark'],
  [0x3400, 'han'],
  [0xa000, 'other'],
  [0xac00, 'hangul'],
  [0xd800, 'surrogate'],
  [0xe000, 'han'],
  [0xfb50, 'arabic'],
  [0xff00, 'cjkMark'],
];

/** By code unit divided by 16: every range begins at a multiple of 16. */
const BLOCKS = Uint8Array.from({ length: 0x1000 }, (_, block) => {
  const range = RANGES.findLast(([first]) => block * 16 >= first);
  const name = range?.[1] ?? 'other';
  return name === 'accented' ? ACCENTED : scriptClass(name);
});

const classOf = (code: number): number => (code < 128 ? ASCII[code]! : BLOCKS[code >> 4]!);

/** Longer texts are estimated from evenly spaced windows, so that 10 MB cost no more than 256 kB. */
const SCAN_LIMIT = 262_144;
const WINDOWS = 64;

/**
 * Tokens of `text` in `o200k_base`, estimated; at least 1 for a text that is not empty. Takes about 2 ns a
 * character, and never more than 1 ms.
 */
export function estimateTokens(text: string): number {
  const { length } = text;
  if (length === 0) return 0;
  if (length <= SCAN_LIMIT) return Math.max(1, Math.round(units(text, 0, length) / UNITS));
  const width = SCAN_LIMIT / WINDOWS;
  const stride = Math.floor((length - width) / (WINDOWS - 1));
  let sum = 0;
  for (let window = 0; window < WINDOWS; window++)
    sum += units(text, window * stride, window * stride + width);
  return Math.round((sum / UNITS) * (length / SCAN_LIMIT));
}

function units(text: string, from: number, to: number): number {
  let sum = 0;
  let state = START;
  for (let at = from; at < to; at++) {
    const cell = TABLE[state + classOf(unitAt(text, at))]!;
    sum += cell & 0xffff;
    state = cell >>> 16;
  }
  return sum;
}

/** Runs that `o200k_base` does not split: letters and digits of any script (0), white space (1), marks (2). */
export function pieceKind(code: number): number {
  const id = classOf(code);
  if (id === BLANK || id === NEWLINE) return 1;
  return id === MARK ? 2 : 0;
}
