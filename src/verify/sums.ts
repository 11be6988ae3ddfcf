/** The check `sums`: the answer lacks the result of the task's plain sum. */
import type { Check } from './check.ts';

const NUMBER = String.raw`(-?\d{1,12}(?:[.,]\d{1,6})?)`;
const OPERATIONS: readonly (readonly [words: string, work: (a: number, b: number) => number])[] = [
  [String.raw`\+|plus|m[aá]s|und|et|più|mais`, (a, b) => a + b],
  [String.raw`[-−–]|minus|menos|weniger|moins|meno`, (a, b) => a - b],
  [String.raw`[x×*·]|times|multiplied by|por|multiplicado por|mal|fois|per|vezes`, (a, b) => a * b],
  [
    String.raw`[/÷]|divided by|entre|dividido (?:por|entre)|geteilt durch|divis[ée] par|diviso`,
    (a, b) => a / b,
  ],
];
/** The whole task is one sum: "What is 17 + 25?", "¿Cuánto es 6 por 7?" */
const BEFORE = String.raw`^\W*(?:(?:please|por favor|bitte)\W+)?(?:(?:what(?:'|’)?s|what is|how much is|calculate|compute|work out|cu[aá]nto (?:es|son|da)|calcula|was ist|wie ?viel ist|berechne|combien font|calcule|quanto (?:fa|é)|calcola)\W+)?(?:the (?:sum|product|result) of\W+)?`;
const AFTER = String.raw`\W*(?:(?:equals?|is|=|es|igual a|ist)\W*)?(?:[.?!]|$)`;
const SUMS = OPERATIONS.map(([words, work]) => ({
  form: new RegExp(`${BEFORE}${NUMBER}\\s*(?:${words})\\s*${NUMBER}${AFTER}`, 'iu'),
  work,
}));

/** The sum said again, whose numbers are not its result: "14 divided by 12 = 0" names no 12. */
const SAID_AGAIN = new RegExp(
  `${NUMBER}\\s*(?:${OPERATIONS.map(([words]) => words).join('|')})\\s*${NUMBER}(?![\\d.,]*\\d)`,
  'giu',
);

/** Plain arithmetic of the task, worked out: the answer must name its result. */
export const sums: Check = {
  name: 'sums',
  find: ({ text }, { task }) => {
    const wanted = resultOf(task);
    if (wanted === undefined) return undefined;
    const found = text.replaceAll(SAID_AGAIN, ' ').match(/-?\d[\d.,'’ \u00a0\u202f]*/g) ?? [];
    const isNamed = found.some((one) => readings(one).some((value) => isSame(value, wanted)));
    return isNamed ? undefined : 'its result is not that of the sum';
  },
};

/** The whole task is one plain sum. */
export const isSum = (task: string): boolean => resultOf(task) !== undefined;

function resultOf(task: string): number | undefined {
  if (!/\d/.test(task)) return undefined;
  for (const { form, work } of SUMS) {
    const [, a, b] = form.exec(task) ?? [];
    if (a === undefined || b === undefined) continue;
    const value = work(Number(a.replace(',', '.')), Number(b.replace(',', '.')));
    return Number.isFinite(value) ? value : undefined;
  }
  return undefined;
}

/** What a written number may mean: 1,234 is read with either sign, and 1 234 may be two numbers. */
function readings(text: string): readonly number[] {
  const solid = text.replaceAll(/['’\s\u00a0\u202f]/g, '').replace(/[.,]+$/, '');
  return [
    solid.replaceAll(',', ''),
    solid.replaceAll('.', '').replace(',', '.'),
    ...text.split(/\s+/).map((part) => part.replace(/[.,]+$/, '').replace(',', '.')),
  ]
    .filter((one) => /\d/.test(one))
    .map(Number);
}

/** To two decimals, as results are given. */
const isSame = (a: number, b: number): boolean =>
  Math.abs(a - b) <= Math.max(0.01, Math.abs(b) * 1e-6);
