import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { thisBoot } from '../tables/boots.ts';
import { sharedWrites, type WriteQuestion } from './writes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const INTENTS: WriteQuestion = { kind: 'attempts', boot: thisBoot('b'), ops: [] };
const RECORDS: WriteQuestion = {
  kind: 'write',
  batch: { numbers: new Float64Array([0]), texts: '', words: { from: 0, words: [] } },
};

/** What is written together, and what is answered, by the numbers of the questions. */
function world(fails: (kinds: readonly string[]) => boolean = () => false) {
  const written: string[][] = [];
  const answered: number[] = [];
  const alone: number[] = [];
  const { take, settle } = sharedWrites(
    (questions) => {
      const kinds = questions.map(({ kind }) => kind);
      if (fails(kinds)) throw new Error('disk full');
      written.push(kinds);
      return kinds.map((kind) => [kind]);
    },
    { found: (seq) => void answered.push(seq), alone: ({ seq }) => void alone.push(seq) },
  );
  return { take, settle, written, answered, alone };
}

test('records are written at once where no intents have come', () => {
  const { take, written, answered } = world();
  take({ seq: 1, question: RECORDS });
  expect([written, answered]).toEqual([[['write']], [1]]);
});

test('records that follow intents are written with the next ones', () => {
  const { take, written, answered } = world();
  take({ seq: 1, question: INTENTS });
  take({ seq: 2, question: RECORDS });
  expect(written).toEqual([['attempts']]);
  take({ seq: 3, question: INTENTS });
  expect([written, answered]).toEqual([
    [['attempts'], ['attempts', 'write']],
    [1, 3, 2],
  ]);
  vi.advanceTimersByTime(1_000);
  expect(written).toHaveLength(2);
});

test('they do not wait for long, nor for what else is asked', () => {
  const { take, settle, written } = world();
  take({ seq: 1, question: INTENTS });
  take({ seq: 2, question: RECORDS });
  vi.advanceTimersByTime(5);
  expect(written).toEqual([['attempts'], ['write']]);
  take({ seq: 3, question: RECORDS });
  settle();
  settle();
  expect(written).toEqual([['attempts'], ['write'], ['write']]);
});

test('where they cannot be written together each is tried alone', () => {
  const { take, written, answered, alone } = world((kinds) => kinds.length > 1);
  take({ seq: 1, question: INTENTS });
  take({ seq: 2, question: RECORDS });
  take({ seq: 3, question: INTENTS });
  expect([written, answered, alone]).toEqual([[['attempts']], [1], [3, 2]]);
});
