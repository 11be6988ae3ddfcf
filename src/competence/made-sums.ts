/** Sums of the golden set, put together out of short lists. */
import { item, type Pair } from './item.ts';

const ADDED: readonly (readonly [number, number])[] = [
  [2, 3],
  [5, 4],
  [7, 2],
  [6, 6],
  [9, 1],
  [8, 5],
  [3, 9],
  [4, 7],
  [12, 30],
  [25, 14],
  [48, 37],
  [56, 29],
  [77, 18],
  [33, 45],
  [91, 16],
  [64, 28],
  [120, 75],
];
const SUBTRACTED: typeof ADDED = [
  [9, 4],
  [8, 3],
  [7, 7],
  [10, 6],
  [15, 8],
  [20, 13],
  [31, 12],
  [45, 19],
  [60, 27],
  [83, 46],
  [90, 55],
  [100, 64],
  [12, 9],
  [18, 11],
  [50, 21],
  [72, 38],
  [200, 125],
];
const MULTIPLIED: typeof ADDED = [
  [2, 3],
  [5, 4],
  [7, 2],
  [6, 6],
  [9, 3],
  [8, 5],
  [12, 4],
  [15, 6],
  [10, 10],
  [11, 7],
  [3, 3],
  [4, 9],
  [20, 5],
  [13, 3],
  [25, 4],
  [9, 9],
];

const sumTask = (a: number, sign: string, b: number, number: number): Pair => ({
  en: item(`What is ${a} ${sign} ${b}? Answer with the number.`, { number }),
  es: item(`¿Cuánto es ${a} ${sign === 'times' ? 'por' : sign} ${b}? Responde con el número.`, {
    number,
  }),
});

export function sumTasks(): readonly Pair[] {
  return [
    ...ADDED.map(([a, b]) => sumTask(a, '+', b, a + b)),
    ...SUBTRACTED.map(([a, b]) => sumTask(a, '-', b, a - b)),
    ...MULTIPLIED.map(([a, b]) => sumTask(a, 'times', b, a * b)),
  ];
}
