import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutMachineText } from './machine-text.ts';

const TASK =
  'Why does the second worker lose its connection, and how would you make that impossible?';
const rows = (row: (at: number) => string): string =>
  Array.from({ length: 12 }, (_, at) => row(at)).join('\n');

const pasted: Record<string, string> = {
  'log lines': rows((at) => `2026-01-12T10:00:${10 + at}Z INFO worker-${at} took ${at * 7} ms`),
  'rows of a table': rows((at) => `| store ${at} | ${at * 3}.25 | -${at}.5 |`),
  'comma-separated values': rows((at) => `2026-03-${10 + at},${at * 11},EUR,"shop ${at}"`),
  'a stack trace': rows((at) => `    at Runner.step${at} (/app/lib/runner.js:${at * 13}:${at})`),
  identifiers: rows((at) => `0b5f3c1${at}-1b2c-4d3e-8f4a-9b1c2d3e4f5${at}`),
  'a diff': rows((at) => `${at % 3 === 0 ? '+' : ' '} const value${at} = compute(${at});`),
  'JSON on one line': JSON.stringify({ rows: Array.from({ length: 40 }, (_, at) => ({ id: at })) }),
  'a vector': `[${Array.from({ length: 30 }, (_, at) => `0.${at}71`).join(', ')}]`,
  'rows in other letters': rows(
    (at) => `| склад${'\u{1d400}'.repeat(at + 1)} ${at * 3},25 | 倉庫${at} | é${at} |`,
  ),
  'a column of measurements': rows((at) => `${at * 17}.5`),
};

test.each(Object.keys(pasted))('%s beside a task are left out, before it and after it', (name) => {
  const data = pasted[name]!;
  for (const text of [`${TASK}\n\n${data}`, `${data}\n\n${TASK}`])
    expect(
      withoutMachineText(text)
        .replaceAll(/[[\]\s]+/g, ' ')
        .trim(),
    ).toBe(TASK);
});

test('where hardly anything else is said, they begin what is judged', () => {
  expect(withoutMachineText(`why?\n${pasted['log lines']}`).split('\n')).toHaveLength(3);
  expect(withoutMachineText(pasted['a vector']!)).toContain('0.071, 0.171');
});

test('lists, choices, short code and a few numbers are the task', () => {
  const texts = [
    'Which holds?\nA) 2x + 3 = 7\nB) 2x - 3 = 7\nC) 3x + 2 = 7\nD) 3x - 2 = 7\nE) x + 2 = 7\nF) x - 2 = 7',
    'Shopping:\n- bread\n- milk, two bottles\n- 3 apples\n- tea\n- something sweet\n- salt',
    'Sort 5, 3, 9, 1 and 7.',
    'function add(a, b) {\n  return a + b;\n}\nadd(1, 2);',
  ];
  for (const text of texts) expect(withoutMachineText(text)).toBe(text);
});

test('sentences come back unchanged', () => {
  const word = fc.stringMatching(/^[a-zé]{1,9}$/);
  const sentence = fc
    .array(word, { minLength: 1, maxLength: 12 })
    .map((words) => `${words.join(' ')}.`);
  fc.assert(
    fc.property(fc.array(sentence, { maxLength: 12 }), (sentences) => {
      const text = sentences.join('\n');
      expect(withoutMachineText(text)).toBe(text);
    }),
  );
});
