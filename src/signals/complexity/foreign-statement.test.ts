import { expect, test } from 'vitest';
import { meaning } from '../meaning/meaning.ts';
import { foreignStatementTest } from './foreign-statement.ts';
import { reader } from './reader.ts';

const guard = foreignStatementTest(reader(), meaning());
const withoutForeign = (text: string): string => guard(text, () => true);
const STATEMENT =
  'Quantum field theory describes gauge bosons as excitations of underlying fields.';

test.each([
  'write me a limerick about a man who collects hats',
  'Which words rhyme with orange or with silver?',
])('a statement of a trade that the request has nothing to do with is left out: %s', (request) => {
  expect(withoutForeign(`${STATEMENT} ${request}`)).toBe(request);
  expect(withoutForeign(`${request}\n${STATEMENT}`)).toBe(request);
});

test('where no trade is named it is not looked for, and by a reader it is where it may be', () => {
  const request = 'Which words rhyme with orange or with silver?';
  expect(guard(`${STATEMENT} ${request}`, () => false)).toBe(`${STATEMENT} ${request}`);
  const asked: boolean[] = [];
  const read = reader(undefined, (text, mayName) => {
    asked.push(mayName([read.concepts.indexOf('physics')]));
    return text;
  });
  for (const text of [request, `${STATEMENT} ${request}`]) read.read(text);
  read.read(`${request}\nA) ${STATEMENT}\nB) None`, 'choices');
  expect(asked).toEqual([false, true, true]);
});

test.each([
  `${STATEMENT} Explain to a child what a quantum field is.`,
  `${STATEMENT} Is this sentence about physics right?`,
  'The patient presented with acute myocardial infarction and renal insufficiency. What would you do then?',
  'My mother has acute myocardial infarction. What can she eat tonight?',
  'Explain the chemistry of bread in three lines. Use no jargon.',
  'Translate: "The patient presented with renal insufficiency." Keep it short.',
  'Write a Scheme program to decide whether a number is odd.',
  STATEMENT,
  '',
])('what belongs to a request stays: %s', (request) => {
  expect(withoutForeign(request)).toBe(request);
});
