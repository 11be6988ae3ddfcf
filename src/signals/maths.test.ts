import { expect, test } from 'vitest';
import { featuresOf } from '../../test/support/features.ts';
import { maths } from './maths.ts';
import { taskReader } from './text/reader.ts';

const signal = maths(taskReader());
const scoreOf = (text: string): number => {
  const reading = signal.evaluate(featuresOf(text));
  return 'score' in reading ? reading.score : Number.NaN;
};

test.each([
  'What is 12 * 7 + 3?',
  '¿Cuánto es 12 * 7 + 3?',
  'Solve x^2 - 4 = 0 for x',
  'Resuelve la ecuación 3x + 2 = 11',
  'Find the derivative of sin(x) times x squared',
  'Calcula la integral de x entre 0 y 1',
  'Evaluate $\\frac{3}{4} + \\sqrt{2}$',
  'Prove that the sum of two even numbers is divisible by 2',
  'Demuestra el teorema de Pitágoras',
  'A triangle has a perimeter of 30 cm and two sides of 12 cm. How long is the third side, and what is its area?',
  'Un triángulo tiene un perímetro de 30 cm y dos lados de 12 cm. ¿Cuánto mide el tercero?',
  'Berechne die Wahrscheinlichkeit, mit 2 Würfeln eine 7 zu werfen',
  'Calcule la probabilité de tirer 2 rois dans un jeu de 52 cartes',
])('mathematics: %s', (text) => {
  expect(scoreOf(text)).toBeGreaterThanOrEqual(0.5);
});

test.each([
  'Where is my order 48213? I paid $30 on 12/05/2024',
  '¿Dónde está mi pedido 48213? Pagué 30 € el 12/05/2024',
  'Call me at +34 612 345 678 between 10:00 and 12:30',
  'The parcel and/or the letter never came',
  'Is delivery free over 50 dollars?',
  'My flight BA-2490 leaves at 7, gate B12',
  'The house has 2 floors * a garden',
  'Write a poem about the sea',
  'Solve my problem please, nobody answers',
])('no mathematics: %s', (text) => {
  expect(scoreOf(text)).toBeLessThan(0.5);
});
