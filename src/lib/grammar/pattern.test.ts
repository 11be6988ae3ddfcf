import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { automaton } from './automaton.ts';
import type { OneOf } from './expression.ts';
import { readPattern } from './pattern.ts';
import { recogniseTerminal } from './recognise.ts';

const compiled = (source: string) =>
  automaton<OneOf>(readPattern(source, ''), (part) => (part.kind === 'one' ? part.is : undefined), {
    left: 10_000,
  });

const fits = (source: string, text: string): boolean =>
  recogniseTerminal(compiled(source), text, 1_000_000) === 'fits';

test.each([
  ['^[a-z ]+$', ['a b'], ['A', '']],
  ['^a$|^b$', ['a', 'b'], ['ab']],
  ['(a+)+b', ['aab'], ['aa']],
  ['(?P<year>\\d{4})-(?<month>\\d{2})', ['2026-12', '٢٠٢٦-12'], ['2026-1']],
  ['a{2,}b{0,2}c{2}', ['aacc', 'aaabbcc'], ['acc', 'aabbbcc']],
  ['a+?b*?c??', ['aab', 'ac'], ['b']],
  ['(?i)straße|(?-i:x)', ['STRAßE', 'x'], ['X']],
  ['a(?s:.)b.', ['a\nbc'], ['a\nb\n']],
  ['[^]a-]-[]x]', ['b-]', 'c-x'], [']-x', 'a-x', '--x']],
  ['[\\w.-]+@[^\\W_]+', ['é.x-y@a9'], ['a@_']],
  ['\\x41\\u0042\\u{43}\\U00000044\\t\\.', ['ABCD\t.'], ['ABCD\tx']],
  ['\\pL+\\p{Nd}*\\P{L}', ['aß1!'], ['1a']],
  ['', [''], ['a']],
])('%s', (source, yes, no) => {
  expect([...yes, ...no].filter((text) => fits(source, text))).toEqual(yes);
});

test.each([
  '(?=a)',
  '(?!a)',
  '(?<=a)b',
  '(a)\\1',
  '\\bword\\b',
  'a^b',
  'a$b',
  '(',
  ')',
  'a)',
  '[a',
  '[]',
  '*',
  'a**b{',
  'a{2',
  'a{3,2}',
  '[b-a]',
  '[[:alpha:]]',
  '[a&&b]',
  '\\q',
  '\\p{Nothing}',
  '(?x)a',
  '\\',
  'a{1000}{1000}',
  `${'('.repeat(200)}a${')'.repeat(200)}`,
])('%s is refused', (source) => {
  expect(() => compiled(source)).toThrow(Error);
});

const part = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\n', '(?:)'),
    fc.tuple(tie('any'), tie('any')).map(([one, other]) => one + other),
    fc.tuple(tie('any'), tie('any')).map(([one, other]) => `(?:${one}|${other})`),
    fc
      .tuple(tie('any'), fc.constantFrom('*', '+', '?', '{2}', '{1,2}', '*?'))
      .map(([one, times]) => `(?:${one})${times}`),
  ),
})).any;

test('JavaScript says the same', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '\n'), maxLength: 6 });
  fc.assert(
    fc.property(part, fc.array(text, { minLength: 5, maxLength: 5 }), (source, texts) => {
      const theirs = new RegExp(`^(?:${source})$`, 'u');
      for (const one of texts) expect([one, fits(source, one)]).toEqual([one, theirs.test(one)]);
    }),
    { numRuns: 300 },
  );
});
