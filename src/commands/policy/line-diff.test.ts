import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffInWords, lineDiff } from './line-diff.ts';

test('shows what went and what came, with a few lines around', () => {
  const before = ['name: a', '1', '2', '3', '4', '5', 'mode: on', '6', '7', '8', '9'].join('\n');
  const after = before.replace('mode: on', 'mode: { canary: 0.1 }\nguards: {}');
  expect(diffInWords(lineDiff(before, after))).toBe(
    [
      '…',
      '  3',
      '  4',
      '  5',
      '- mode: on',
      '+ mode: { canary: 0.1 }',
      '+ guards: {}',
      '  6',
      '  7',
      '  8',
    ].join('\n'),
  );
});

test('is empty for the same text', () => {
  expect(diffInWords(lineDiff('a\nb\n', 'a\nb'))).toBe('');
});

test('leads from the one to the other, and keeps as much as can be kept', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = lineDiff(before.join('\n'), after.join('\n'));
      const without = (kind: string) =>
        lines.filter((line) => line.kind !== kind).map((line) => line.text);
      expect(without('added')).toEqual(before);
      expect(without('removed')).toEqual(after);
      expect(lines.filter(({ kind }) => kind === 'same')).toHaveLength(longest(before, after));
    }),
  );
});

/** By the definition, slowly. */
function longest(a: readonly string[], b: readonly string[]): number {
  const [first, ...rest] = a;
  if (first === undefined || b.length === 0) return 0;
  const at = b.indexOf(first);
  const taken = at < 0 ? 0 : 1 + longest(rest, b.slice(at + 1));
  return Math.max(taken, longest(rest, b));
}
