import { expect, test } from 'vitest';
import { isDenial } from './denial.ts';

test.each([
  "That's wrong.",
  'No, that is not correct, it was 1969',
  'wrong',
  'You are mistaken.',
  'Eso no es cierto',
  'No, está mal',
  'Das stimmt nicht!',
  'Falsch.',
  'Non, c’est faux',
  'Isso está errado',
  'È sbagliato',
  'Dat klopt niet',
  'To nieprawda',
  'Это неверно',
  'Bu yanlış',
  '不对',
  'それは違います',
])('%s', (text) => {
  expect(isDenial(text)).toBe(true);
});

test.each([
  'What is wrong with this code?',
  'Is that right?',
  'Wrong answers only: name a fruit',
  'No, thanks',
  'The answer that is wrong is B; why?',
  'falsche Freunde im Deutschen',
  'Can you tell me why that is not true?',
  'That is not true of all mammals, is it? '.repeat(9),
  '',
])('not: %s', (text) => {
  expect(isDenial(text)).toBe(false);
});
