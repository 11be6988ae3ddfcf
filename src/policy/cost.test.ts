import { expect, test } from 'vitest';
import { conditions } from './conditions.ts';

const compile = conditions({ signals: ['complexity', 'pii'], upstreams: ['local'], domains: [] });

const mistakeIn = (source: string): string | undefined => {
  const compiled = compile(source);
  return compiled.ok ? undefined : compiled.mistake.message;
};

/** Lists of nine in each other: 9 ** depth steps. */
const nested = (depth: number): string =>
  Array.from({ length: depth }).reduce<string>(
    (inner, _, at) => `[1, 2, 3, 4, 5, 6, 7, 8, 9].all(a${at}, ${inner})`,
    'request.turns > 0',
  );
const numbers = (count: number): string =>
  `[${Array.from({ length: count }, (_, at) => at).join(', ')}]`;
const letters = `"${'a'.repeat(4000)}"`;

test.each([
  ['seven walks in each other', nested(7), 'may take too long'],
  [
    'long lists in each other',
    `${numbers(300)}.exists(a, ${numbers(300)}.exists(b, a == b))`,
    'may take too long',
  ],
  [
    'a long text taken apart twice',
    `${letters}.split("").all(a, ${letters}.split("").all(b, a == b))`,
    'may take too long',
  ],
  [
    'lists made by lists',
    `${numbers(200)}.map(a, ${numbers(200)}).exists(b, b.exists(c, c == 7))`,
    'may take too long',
  ],
  [
    'a text that doubles',
    'cel.bind(a, "xx", cel.bind(b, a + a, b != ""))',
    '`cel.bind` cannot be used',
  ],
  ['a group repeated', 'key.name.matches("(a+)+$")', 'repeat no group'],
  [
    'a group repeated, over a text of its own',
    `"${'a'.repeat(40)}!".matches("^(a|aa)*$")`,
    'repeat no group',
  ],
  ['five endless repeats', 'key.name.matches("a*a*a*a*a*$")', 'fewer times'],
  ['three of them over a long text', `${letters}.matches("a*a*a*$")`, 'fewer times'],
  ['the same in a walk', `[${letters}].exists(a, a.matches("a*a*a*$"))`, 'fewer times'],
  ['a pattern put together', 'key.name.matches("(a+" + ")+$")', 'a text that stands there'],
])('%s is refused', (_, source, words) => {
  expect(mistakeIn(source)).toContain(words);
});

test.each([
  nested(2),
  `request.turns in [1, 2, 3] && ${numbers(900)}.exists(a, a == request.turns)`,
  '["billing", "legal"].exists(a, key.labels.team == a)',
  'key.name.matches("^(bot|web)-[a-z]+.*$")',
  'key.name.matches("^.*foo.*bar.*$")',
  '!(key.name in ["a", "b"]) && key.name.startsWith("x")',
])('what people write is not: %s', (source) => {
  expect(mistakeIn(source)).toBeUndefined();
});
