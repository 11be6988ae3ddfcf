import { afterEach, expect, test, vi } from 'vitest';
import { featuresOf } from '../../test/support/features.ts';
import { score, type Reading, type Signal } from '../core/signal.ts';
import { Stages } from '../lib/turns.ts';
import { evaluate } from './evaluate.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a signal without a deadline is waited for, however late another one is', async () => {
  vi.useFakeTimers();
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
    evaluate: () => new Promise(() => {}),
  };
  const readings = evaluate([thorough, late], featuresOf('hello'), 1);
  await vi.advanceTimersByTimeAsync(1000);
  found(score(1, 'found at the end'));
  expect(await readings).toMatchObject({
    thorough: { kind: 'score', score: 1 },
    late: { kind: 'abstain', cause: 'deadline' },
  });
});

test('no timer is left of a signal that answered in time', async () => {
  vi.useFakeTimers();
  const prompt: Signal = {
    name: 'prompt',
    about: 'answers soon',
    waitsMs: 1,
    evaluate: async () => await Promise.resolve(score(1, 'asked')),
  };
  expect(await evaluate([prompt], featuresOf('hello'), 1)).toMatchObject({ prompt: { score: 1 } });
  expect(vi.getTimerCount()).toBe(0);
  const plain: Signal = { name: 'plain', about: 'knows', evaluate: () => score(0, 'known') };
  expect(await evaluate([plain], featuresOf('hello'), 1)).toEqual({ plain: score(0, 'known') });
});

test('each signal reads all requests of a turn before the next one does', async () => {
  const read: string[] = [];
  const signals = ['first', 'second'].map((name): Signal => ({
    name,
    about: 'notes what it reads',
    evaluate: ({ task }) => {
      read.push(`${name} ${task}`);
      return score(0, 'read');
    },
  }));
  const stages = new Stages();
  await Promise.all(['a', 'b'].map((task) => evaluate(signals, featuresOf(task), 1, { stages })));
  expect(read).toEqual(['first a', 'first b', 'second a', 'second b']);
});

test('a signal that throws abstains, and its words are not kept', async () => {
  const throwing = (name: string, what: unknown, isLate: boolean): Signal => ({
    name,
    about: 'fails',
    evaluate: () => {
      if (isLate) return Promise.reject(what);
      throw what as Error;
    },
  });
  const quoting = new TypeError('the prompt was hello');
  const signals = [
    throwing('at-once', quoting, false),
    throwing('later', quoting, true),
    throwing('no-error', 'hello', false),
  ];
  const abstained = (reason: string): object => ({ kind: 'abstain', cause: 'failed', reason });
  const timed: string[] = [];
  const readings = await evaluate(signals, featuresOf('hello'), 1, {
    timer: (name) => timed.push(name),
  });
  expect(readings).toEqual({
    'at-once': abstained('TypeError'),
    later: abstained('TypeError'),
    'no-error': abstained('failed'),
  });
  expect(timed).toEqual(['at-once', 'no-error', 'later']);
});
