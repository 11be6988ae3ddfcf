import { expect, test } from 'vitest';
import { featuresOf } from '../../test/support/features.ts';
import { code } from './code.ts';
import { taskReader } from './text/reader.ts';

const signal = code(taskReader());
const scoreOf = (text: string): number => {
  const reading = signal.evaluate(featuresOf(text));
  return 'score' in reading ? reading.score : Number.NaN;
};

test.each([
  'Write a Python function that sorts a list',
  'Escribe una función en Python que ordene una lista',
  'Schreib mir ein Python-Skript, das eine CSV-Datei einliest',
  'Écris une fonction JavaScript qui inverse une chaîne',
  'Why do I get a TypeError: cannot read properties of undefined?',
  '¿Por qué me da un NullPointerException este método?',
  'What does this do?\n```\nfor i in range(10):\n    print(i)\n```',
  'const total = items.reduce((sum, item) => sum + item.price, 0);',
  '#include <stdio.h>\nint main() {\n  printf("hi");\n  return 0;\n}',
  'Rewrite this query: SELECT name FROM users WHERE id = 3;',
  'Explica esta expresión regular en Java: ^[a-z]+$',
  'Refactor my React component and add a unit test',
])('code: %s', (text) => {
  expect(scoreOf(text)).toBeGreaterThanOrEqual(0.5);
});

test.each([
  'Where is my order?',
  '¿Dónde está mi pedido?',
  'My discount code does not work',
  'El código de descuento no funciona',
  'I need the verification code again, it never came',
  'Which class should I take, first or second?',
  'Please return the money: I paid on Monday (twice).',
  'Write a poem about the sea',
  'What is the best method to clean a carpet?',
  'Dear team,\n\nthe parcel came late;\nthe box was broken.\n\nRegards',
  'Let me know - thanks! :-)',
])('no code: %s', (text) => {
  expect(scoreOf(text)).toBeLessThan(0.5);
});

test('repeating one word does not make a request a programming task', () => {
  expect(scoreOf('query '.repeat(500))).toBeLessThan(0.5);
});

test('the reason tells counts and none of the text', () => {
  const reading = signal.evaluate(featuresOf('debug my secretname in Rust'));
  expect(reading).toMatchObject({ reason: expect.not.stringContaining('secretname') });
});
