import { describe, expect, test } from 'vitest';
import { PATCH_GRAMMAR } from '../../../test/fixtures/patch-grammar.ts';
import { compileLark } from './lark.ts';
import { recognise } from './recognise.ts';

const MANY = 1_000_000;

const found = (grammar: string, text: string, steps = MANY) =>
  recognise(compileLark(grammar), text, steps);

const fitting = (grammar: string, texts: readonly string[]) => {
  const compiled = compileLark(grammar);
  return texts.filter((text) => recognise(compiled, text, MANY) === 'fits');
};

const PATCH = `*** Begin Patch
*** Update File: src/a.ts
*** Move to: src/b.ts
@@ function greet() {
 const name = 'a';
-hello(name);
+hi(name);
*** End of File
*** Add File: c.md
+# C
+
*** Delete File: d.md
*** End Patch`;

describe("a patch of Codex's form", () => {
  test.each([
    ['whole', PATCH],
    ['with a last line end', `${PATCH}\n`],
  ])('%s fits', (_, text) => {
    expect(found(PATCH_GRAMMAR, text)).toBe('fits');
  });

  test.each([
    ['without its end', PATCH.slice(0, -1)],
    ['with words behind it', `${PATCH}\nDone.`],
    ['in a fence', `\`\`\`\n${PATCH}\n\`\`\``],
    ['with a line that is neither kept, added nor removed', PATCH.replace('-hello', 'hello')],
    ['without a file', '*** Begin Patch\n*** End Patch'],
    ['with carriage returns for line ends', PATCH.replaceAll('\n', '\r')],
  ])('%s differs', (_, text) => {
    expect(found(PATCH_GRAMMAR, text)).toBe('differs');
  });

  test('a long one is checked in steps that grow with its length alone', () => {
    const lines = `+${'const sum = one + other; '.repeat(4)}\n`.repeat(1000);
    const long = `*** Begin Patch\n*** Add File: a\n${lines}*** End Patch`;
    expect(found(PATCH_GRAMMAR, long, 10 * long.length)).toBe('fits');
    expect(found(PATCH_GRAMMAR, long, long.length)).toBe('unknown');
  });
});

test.each([
  [
    'alternatives on lines of their own',
    'start: "a"\n  | "b" // or so\n  | c\nc: "c"',
    ['a', 'b', 'c'],
    ['d', ''],
  ],
  ['groups and maybes', 'start: ("a" "b"?)+ ["c"]', ['a', 'aab', 'abac'], ['', 'ca', 'abb']],
  ['counts', 'start: "a"~2 "b"~0..1', ['aa', 'aab'], ['a', 'aaa', 'aabb']],
  ['texts of either case', 'start: "select"i " ö"i', ['select ö', 'SeLECT Ö'], ['selec ö']],
  ['ranges', 'start: "a".."f" X\nX: "0".."9"+', ['a0', 'f99'], ['g0', 'a', 'aa']],
  ['escapes', String.raw`start: "\"\\\n\x41\u00e9\d"`, ['"\\\nAé\\d'], ['"\\\nAéd']],
  [
    'modifiers, priorities and names of alternatives',
    '?start.2: _a -> x | B\n_a: "a"\nB.-1: "b"',
    ['a', 'b'],
    ['ab'],
  ],
  ['empty alternatives', 'start: a a\na: | "a"', ['', 'a', 'aa'], ['aaa']],
  [
    'rules that name themselves left, right and in the midst',
    'start: e\ne: e "+" e | "(" e ")" | "1" | l\nl: l "x" | "x"',
    ['1', '1+1+1', '((xx)+1)'],
    ['1+', '(1', 'x1'],
  ],
  ['rules that are nothing or themselves', 'start: start start | "a" |', ['', 'a', 'aaaa'], ['b']],
  [
    'imports',
    '%import common.INT -> N\n%import common (WS, ESCAPED_STRING)\nstart: N WS ESCAPED_STRING',
    ['12 \n"a\\"b"'],
    ['12"a"', 'x "a"', '1 "a"b"'],
  ],
  [
    'what is ignored',
    'start: "a" b\nb: "b"+\n%ignore " "\n%ignore /#[^\\n]*\\n/',
    ['ab', ' a b b ', 'a#x\nb'],
    ['a#b', ' '],
  ],
  [
    'terminals of terminals',
    'start: NAME\nNAME: LETTER (LETTER | /[0-9]/)*\nLETTER: "a".."z" | "_"',
    ['a', '_1z'],
    ['1a', ''],
  ],
  ['a terminal of any length', 'start: /a+/ "a" /b*/', ['aa', 'aaab'], ['a', 'ab']],
  ['flags of patterns', 'start: /ab./is', ['AB\n', 'abc'], ['ab']],
  ['characters beyond sixteen bits', 'start: /./ /[😀-😃]/', ['😎😁'], ['😎😎', '😎']],
])('%s', (_, grammar, fits, differs) => {
  expect(fitting(grammar, [...fits, ...differs])).toEqual(fits);
});

test.each([
  ['', 'no rule `start`'],
  ['start: a', 'a rule that it does not define'],
  ['start: A', 'a terminal that it neither defines nor imports'],
  ['start: "a"\nstart: "b"', 'defined twice'],
  ['start: A\nA: B\nB: A', 'names itself'],
  ['start: A\nA: b\nb: "b"', 'a terminal names a rule'],
  ['start: x{"a"}\nx{y}: y', "'{' is not known"],
  ['%declare A\nstart: A', '%declare'],
  ['%import python.NAME\nstart: NAME', 'elsewhere than `common`'],
  ['%import common.NOTHING\nstart: NOTHING', 'neither defines nor imports'],
  ['start: /a(?=b)/', "'(?=b' in a regular expression"],
  ['start: ("a"', "')' is missing"],
  ['start: "a', 'is not known here'],
  ['start: "a" : "b"', 'is missing'],
  ['start: "ab".."c"', 'from one character to another'],
  ['start: "a"~3..2', 'of such a number'],
  ['start: ("a"~1000)~1000', 'too big'],
  ['start: (()~1000000)~1000000', 'too big'],
  [`start: ${'('.repeat(9000)}`, 'too deep'],
  [`start: ${'"a" '.repeat(9000)}`, 'too long'],
])('refused since %2$s', (grammar, words) => {
  expect(() => compileLark(grammar)).toThrow(words);
});

test('what would take too long is not told', () => {
  expect(found('start: "a" | start start', 'a'.repeat(2000), 100_000)).toBe('unknown');
  expect(found('start: "a"', 'a'.repeat(500_000), 100)).toBe('unknown');
});
