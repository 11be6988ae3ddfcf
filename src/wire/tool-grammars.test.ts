import { expect, test } from 'vitest';
import { PATCH_GRAMMAR } from '../../test/fixtures/patch-grammar.ts';
import { inputCheck } from './tool-grammars.ts';

const said = (syntax: string, definition: string, inputs: readonly string[]) => {
  const checkable = inputCheck({ syntax, definition });
  return 'check' in checkable ? inputs.map(checkable.check) : checkable.why;
};

test('the whole input must match, however often it is asked', () => {
  const inputs = ['2026-12', 'today', 'today!', '2026-1'];
  const expected = ['fits', 'fits', 'differs', 'differs'];
  for (let time = 0; time < 2; time += 1)
    expect(said('regex', String.raw`\d{4}-\d{2}|today`, inputs)).toEqual(expected);
});

test('what is short to write and long to try is told from its length', () => {
  expect(said('regex', '(a*)*b', ['a'.repeat(100_000)])).toEqual(['differs']);
  expect(said('regex', 'a?'.repeat(100), ['a'.repeat(100_000)])).toEqual(['differs']);
  expect(said('regex', 'a*b*', ['a'.repeat(1_000_000)])).toEqual(['unknown']);
});

test('a patch is told from what is none', () => {
  const patch = '*** Begin Patch\n*** Delete File: a\n*** End Patch';
  expect(said('lark', PATCH_GRAMMAR, [patch, 'rm a'])).toEqual(['fits', 'differs']);
});

test.each([
  ['neither `regex` nor `lark`', 'gbnf', 'a'],
  ['too long', 'regex', 'a'.repeat(20_000)],
  ['too big', 'regex', '(a{1000}){1000}'],
  ['is not known here', 'lark', 'start: a{b}'],
])('why nothing can be checked: %s', (words, syntax, definition) => {
  expect(said(syntax, definition, [])).toContain(words);
});
