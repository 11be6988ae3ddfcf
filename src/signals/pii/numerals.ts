/** Digits that are written out: as words, as voices are written down, in Chinese numerals, or with letters that look like figures. */

/** 0 to 9, in the languages that are most spoken to machines here; several words for one are apart by a stroke. */
const LANGUAGES: readonly (readonly string[])[] = [
  ['zero|oh', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'],
  ['cero', 'uno', 'dos', 'tres', 'cuatro', 'cinco', 'seis', 'siete', 'ocho', 'nueve'],
  ['zero', 'um', 'dois', 'três|tres', 'quatro', 'cinco', 'seis|meia', 'sete', 'oito', 'nove'],
  ['zéro|zero', 'un', 'deux', 'trois', 'quatre', 'cinq', 'six', 'sept', 'huit', 'neuf'],
  ['null', 'eins', 'zwei|zwo', 'drei', 'vier', 'fünf|fuenf', 'sechs', 'sieben', 'acht', 'neun'],
  ['zero', 'uno', 'due', 'tre', 'quattro', 'cinque', 'sei', 'sette', 'otto', 'nove'],
];
const DIGITS: ReadonlyMap<string, string> = new Map(
  LANGUAGES.flatMap((words) =>
    words.flatMap((word, digit) => word.split('|').map((each) => [each, String(digit)] as const)),
  ),
);

/** Those of plain letters: fewer than `LEAST_WORDS` of them near each other are no number. */
export const DIGIT_WORDS: readonly string[] = [...DIGITS.keys()].filter((word) =>
  /^[a-z]+$/.test(word),
);
export const LEAST_WORDS = 6;

const WORD = [...DIGITS.keys()].toSorted((one, other) => other.length - one.length).join('|');
/** More than a card has are no number. */
const WORDS = new RegExp(
  String.raw`(?<![\p{L}\d])(?:(?:${WORD})(?:, |[ ,.\-\n]){1,2}){6,39}(?:${WORD})(?![\p{L}\d])`,
  'giu',
);
const EACH = new RegExp(WORD, 'giu');

/** With each row of seven words or more as the number that it says. */
export const inFigures = (text: string): string =>
  text.replaceAll(WORDS, (row) =>
    (row.match(EACH) ?? []).map((word) => DIGITS.get(word.toLowerCase()) ?? '').join(''),
  );

/** Chinese numerals by place, those of daily use, of cheques and for the telephone. */
const NUMERALS = [
  '〇零',
  '一壹幺',
  '二贰貳',
  '三叁參',
  '四肆',
  '五伍',
  '六陆陸',
  '七柒',
  '八捌',
  '九玖',
];
const FIGURES: ReadonlyMap<string, string> = new Map(
  NUMERALS.flatMap((row, digit) => Array.from(row, (one) => [one, String(digit)] as const)),
);
const NUMERAL = `[${NUMERALS.join('')}]`;
const ROWS = new RegExp(`(?:${NUMERAL}[ -]?){7,40}`, 'g');

/** With each row of seven Chinese numerals or more in figures. */
export const fromNumerals = (text: string): string =>
  text.replaceAll(ROWS, (row) => Array.from(row, (one) => FIGURES.get(one) ?? one).join(''));

/** O and l among figures, as a scanner reads 0 and 1. Five figures at least are right. */
const SCANNED = /(?<![A-Za-z\d])[\dOoIl](?:[ -]?[\dOoIl]){12,18}(?![A-Za-z\d])/g;
export const unscanned = (text: string): string =>
  text.replaceAll(SCANNED, (run) =>
    /[OoIl]/.test(run) && /(?:\d\D*){6}/.test(run)
      ? run.replaceAll(/[Oo]/g, '0').replaceAll(/[Il]/g, '1')
      : run,
  );
