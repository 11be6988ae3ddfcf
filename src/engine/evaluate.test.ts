import { expect, test } from 'vitest';
import { featuresOf } from '../../test/support/features.ts';
import { score, type Reading, type Signal } from '../core/signal.ts';
import { evaluate } from './evaluate.ts';

test('a signal without a deadline is waited for, however late another one is', async () => {
  let found: (reading: Reading) => void = () => {};
  const thorough: Signal = {
    name: 'thorough',
    about: 'reads to the end of a long text',
    evaluate: () =>
      new Promise((resolve) => {
        found = resolve;
      }),
  };
  const late: Signal = {
    name: 'late',
    about: 'never answers',
    waitsMs: 1,
    evaluate: (_, abort) =>
      new Promise(() => {
        abort.addEventListener('abort', () => found(score(1, 'found at the end')));
      }),
  };
  const readings = await evaluate([thorough, late], featuresOf('hello'), 1);
  expect(readings['thorough']).toMatchObject({ kind: 'score', score: 1 });
  expect(readings['late']).toMatchObject({ kind: 'abstain', cause: 'deadline' });
});
