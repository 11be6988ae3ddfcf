/** Grammars are read here as Lark reads them: generated grammars and texts, and patches, by both. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileLark } from '../../../src/lib/grammar/lark.ts';
import { recognise } from '../../../src/lib/grammar/recognise.ts';
import { PATCH_GRAMMAR } from '../../fixtures/patch-grammar.ts';
import { pythonEnvironment } from '../support/python-environment.ts';

/** By hand: `SMALLFIRST_LARK_RUNS=20000`. */
const RUNS = Number(process.env['SMALLFIRST_LARK_RUNS'] ?? 150);

type Asked = readonly [grammar: string, texts: readonly string[]];

const TERMINALS = ['"a"', '"b"', '"ab"i', '/[ab]/', '/a+/', '/b?a/', 'C', '"a".."c"', '/(ab|c)+/'];
const RULES = ['start', 'x', 'y'];

const expression = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(...TERMINALS, ...RULES),
    fc.array(tie('any'), { minLength: 2, maxLength: 3 }).map((parts) => parts.join(' ')),
    fc.tuple(tie('any'), tie('any')).map(([one, other]) => `(${one} | ${other})`),
    fc
      .tuple(tie('any'), fc.constantFrom('*', '+', '?', '~2', '~1..2', '~0..1'))
      .map(([one, times]) => `(${one})${times}`),
    tie('any').map((one) => `[${one}]`),
  ),
})).any;

const grammars = fc
  .record({
    start: expression,
    x: fc.array(expression, { minLength: 1, maxLength: 2 }),
    y: expression,
    c: fc.constantFrom('"c"', 'D D?', '("c" | D)+'),
    ignored: fc.constantFrom('', '%ignore " "', '%import common.LF\n%ignore LF\n%ignore " "'),
  })
  .map(
    ({ start, x, y, c, ignored }) =>
      `start: ${start}\n?x.2: ${x.join('\n  | ')}\ny: ${y} -> z\nC: ${c}\nD.1: /[cd]/\n${ignored}\n`,
  );

const text = fc.string({
  unit: fc.constantFrom('a', 'a', 'b', 'b', 'c', 'd', 'A', ' ', '\n'),
  maxLength: 7,
});

const patchLine = fc.constantFrom(
  '*** Add File: a',
  '*** Update File: b.ts',
  '*** Delete File: c',
  '*** Move to: d',
  '@@',
  '@@ class A',
  '*** End of File',
  '+ a',
  '+',
  '-b',
  ' ',
  ' c',
  'd',
);
const patches = fc
  .tuple(fc.array(patchLine, { maxLength: 6 }), fc.constantFrom('', '\n', '\n\n'))
  .map(([lines, end]) => ['*** Begin Patch', ...lines, `*** End Patch${end}`].join('\n'));

/** Lark knows no pattern that may be of nothing. */
const patchGrammar = PATCH_GRAMMAR.replaceAll('/(.*)/', '[/(.+)/]');

const environment = await pythonEnvironment(
  join(import.meta.dirname, 'requirements-lark.txt'),
  join(import.meta.dirname, '.venv/lark'),
);

const ours = ([grammar, texts]: Asked): readonly boolean[] => {
  const compiled = compileLark(grammar);
  return texts.map((one) => recognise(compiled, one, 1_000_000) === 'fits');
};

function theirs(python: string, asked: readonly Asked[]): readonly (readonly boolean[] | null)[] {
  const { stdout, stderr, status } = spawnSync(
    python,
    [join(import.meta.dirname, 'lark_says.py')],
    {
      input: asked.map((one) => `${JSON.stringify(one)}\n`).join(''),
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    },
  );
  expect(status, stderr).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as readonly boolean[] | null);
}

if (environment.missing === undefined) {
  const { python } = environment;
  test.each([
    [
      'generated grammars',
      fc.tuple(grammars, fc.array(text, { minLength: 12, maxLength: 12 })),
      RUNS,
    ],
    [
      'patches',
      fc.tuple(fc.constant(patchGrammar), fc.array(patches, { minLength: 40, maxLength: 40 })),
      RUNS / 40,
    ],
  ] as const)('Lark says the same of %s', (_, arbitrary, count) => {
    const asked: readonly Asked[] = fc.sample(arbitrary, count);
    const said = theirs(python, asked);
    let taken = 0;
    for (const [index, one] of asked.entries()) {
      // What Lark refuses are terminals that may be of nothing, which are known here.
      const expected = said[index];
      if (expected === null || expected === undefined) continue;
      expect({ one, said: ours(one) }).toEqual({ one, said: expected });
      taken += expected.filter(Boolean).length;
    }
    expect(taken).toBeGreaterThan(0);
  });
} else {
  const why = `Python's lark: ${environment.missing}`;
  if (process.env['CI'] === undefined) {
    process.stderr.write(`\n*** SKIPPED: ${why}. ***\n\n`);
    test.skip(why, () => {});
  } else test(why, () => expect.fail('on CI it must run'));
}
