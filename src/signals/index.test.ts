import { expect, test } from 'vitest';
import { createSignals, signalNames } from './index.ts';

test('the names that a policy may use are those of the signals there are', () => {
  const names = createSignals({ domains: [] }).map(({ name }) => name);
  expect(names.toSorted()).toEqual(signalNames.toSorted());
});

test('every signal says in a line what a high score means', () => {
  for (const { about } of createSignals({ domains: [] })) {
    expect(about.length).toBeGreaterThan(20);
    expect(about).not.toContain('\n');
  }
});
