import { expect, test } from 'vitest';
import { withoutWordStrings } from './word-strings.ts';

const STRING = 'theorem proof lemma corollary eigenvalue';

test.each([
  'What is the capital of France?',
  'tell me a joke about geese',
  '¿Cuál es la capital de Francia?',
  'Erzähl mir bitte einen Witz über Gänse.',
  '今天天气怎么样？',
  'Посоветуй хороший фильм на вечер.',
])('words that nothing joins are taken off the end: %s', (request) => {
  expect(withoutWordStrings(`${request} ${STRING}`)).toMatch(
    new RegExp(`^${request.replace('?', '\\?')}( theorem)?$`),
  );
});

test('a line or a sentence of them goes, with commas too', () => {
  const request = 'Where is my order? I have waited for a week.';
  expect(withoutWordStrings(`${request}\nlemma, eigenvalue, homotopy, sharding, proof`)).toBe(
    request,
  );
  expect(withoutWordStrings(`${request} Eigenvalue homotopy sharding.`)).toBe(request);
});

test('so do they from the beginning, where a sentence begins behind them', () => {
  expect(withoutWordStrings(`${STRING} What is the capital of France?`)).toBe(
    'What is the capital of France?',
  );
  expect(withoutWordStrings(`${STRING} how do i reverse a list in python`)).toBe(
    'how do i reverse a list in python',
  );
});

test.each([
  'lock-free single producer single consumer ring buffer in C11',
  'Can you write me a CUDA flash attention kernel',
  'Please implement a wait free bounded queue',
  'write python code to scrape a page using beautiful soup',
  'Which of these is the odd one out: trumpet, flute, horn, tuba',
  'Give me a list of what I need:\n- lock free memory reclamation',
  'theorem proof lemma corollary eigenvalue',
  'turşu kurdum suyu bulandı üstünde beyaz tabaka var atayım mı yoksa kurtulur mu',
  'expected rolls of a die in 30 days',
  'hi',
  '',
  '   \n ',
  '\ud800 \udc00',
])('a request stays as it is: %j', (request) => {
  expect(withoutWordStrings(request)).toBe(request);
});

test('its time does not grow with the text', () => {
  const long = 'word '.repeat(200_000);
  expect(withoutWordStrings(long)).toBe(long);
});
