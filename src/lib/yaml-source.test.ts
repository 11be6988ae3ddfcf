import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatProblem, ProblemsError } from './problems.ts';
import { nameOf } from './zod-problems.ts';
import { parseYaml, type Path, type Substitute } from './yaml-source.ts';

const upperCase: Substitute = (text) => text.toUpperCase();

function complaint(text: string, substitute?: Substitute): string {
  try {
    parseYaml(text, 'f', substitute === undefined ? {} : { substitute });
    return 'none';
  } catch (error) {
    if (error instanceof ProblemsError) return error.message;
    throw error;
  }
}

describe('line and column', () => {
  const source = parseYaml('a:\n  b: [x, { c: y }]\nd: &n 1\ne: *n\n', 'f');
  const at = (path: Path): string => formatProblem(source.problem(path, 'here'));
  const keyAt = (path: Path): string => formatProblem(source.keyProblem(path, 'here'));

  test('of a value, of a key, of a missing value', () => {
    expect(at(['a', 'b', 0])).toBe('f:2:7  here');
    expect(at(['a', 'b', 1, 'c'])).toBe('f:2:15  here');
    expect(keyAt(['a', 'b', 1, 'c'])).toBe('f:2:12  here');
    expect(keyAt(['d'])).toBe('f:3:1  here');
    expect(at(['a', 'z', 'y'])).toBe('f:2:3  here');
    expect(at(['e'])).toBe('f:4:4  here');
  });

  test('are right under Windows line ends and after a byte order mark', () => {
    const windows = parseYaml('a: 1\r\nb:\r\n  c: x\r\n', 'f');
    expect(formatProblem(windows.problem(['b', 'c'], 'here'))).toBe('f:3:6  here');
    const marked = parseYaml('\uFEFFa: 1\nb: x\n', 'f');
    expect(formatProblem(marked.problem(['b'], 'here'))).toBe('f:2:4  here');
  });
});

describe('substitution', () => {
  test('sees every text with its path, and no key', () => {
    const seen: string[] = [];
    parseYaml('k: x\nl: [y, { m: z }]\nn: 1\n"o": |\n  long\n', 'f', {
      substitute: (text, { path }) => {
        seen.push(`${nameOf(path)}=${text.trim()}`);
        return text;
      },
    });
    expect(seen).toEqual(['k=x', 'l[0]=y', 'l[1].m=z', 'o=long']);
  });

  test('a reference needs no quotes inside `{ … }`, whatever its default holds', () => {
    const seen: string[] = [];
    const { value } = parseYaml('{ a: ${A}, b: [${B:-x, y: #{z}], c: "${C}-${D}" }', 'f', {
      substitute: (text) => {
        seen.push(text);
        return `<${text}>`;
      },
    });
    expect(seen).toEqual(['${A}', '${B:-x, y: #{z}', '${C}-${D}']);
    expect(value).toEqual({ a: '<${A}>', b: ['<${B:-x, y: #{z}>'], c: '<${C}-${D}>' });
  });

  test('its problems have the line and column of the text', () => {
    const { problems } = parseYaml('a:\n  - ${X}\n', 'f', {
      substitute: (_, { problem }) => {
        problem('no such thing');
        return '';
      },
    });
    expect(problems.map(formatProblem)).toEqual(['f:2:5  no such thing']);
  });

  test('the replacement stays a text', () => {
    const { value } = parseYaml('a: x', 'f', { substitute: () => 'b: [1]\nc: 2' });
    expect(value).toEqual({ a: 'b: [1]\nc: 2' });
  });
});

test.each([
  ['a: b: c', 'a second `:` on one line'],
  ['a: !x', 'a text that begins with `!` needs quotes'],
  ['a: *x', '`*x` refers to nothing'],
  ['a: "x" y', 'a text goes on after its closing quote'],
  ['a: @x', 'a text that begins with this character needs quotes'],
  ['a: 1\n---\nb: 2', 'only one document a file'],
  ['a: 1\na: 2\nb: 1\nb: 2', 'f:4:1  not valid YAML: Map keys must be unique'],
  [
    `a: &a [${'x, '.repeat(20)}]\nb: &b [${'*a, '.repeat(20)}]\nc: [${'*b, '.repeat(20)}]`,
    'not usable YAML',
  ],
])('%j is refused with advice', (text, message) => {
  expect(complaint(text)).toContain(message);
});

test('one mistake is one problem, without consequential errors', () => {
  expect(complaint(`a: [${'x y: {, '.repeat(40)}`).split('\n')).toHaveLength(1);
});

test('any text is parsed, or refused with line and column', () => {
  const piece = fc.constantFrom(
    'a',
    ': ',
    '\n',
    '  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '${',
    '}',
    '"',
    "'",
    '&x ',
    '*x',
    '!t ',
    '|\n',
    '#',
    '%',
    '\t',
    '\u0000',
    '💥',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const text = pieces.join('');
      for (const substitute of [undefined, upperCase])
        expect(complaint(text, substitute)).toMatch(/^(none$|f:\d+:\d+ {2}\S)/);
    }),
    { numRuns: 500 },
  );
});
