import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { Budget } from '../core/budget.ts';
import { createBook, type Reserved } from './book.ts';

const DAY_MS = 86_400_000;
const budget = (over: Partial<Budget> = {}): Budget => ({
  name: 'b',
  scope: { kind: 'gateway' },
  limitNanoUsd: 100,
  per: 'day',
  zone: 'UTC',
  unpriced: 'refuse',
  warnAt: [],
  ...over,
});
const isReserved = (answer: Reserved | Budget): answer is Reserved => 'settle' in answer;

describe('a book', () => {
  test('admits exactly what fits', () => {
    const book = createBook();
    const one = budget();
    const admitted = Array.from({ length: 50 }, () => book.reserve([one], 5, 0)).filter(isReserved);
    expect(admitted).toHaveLength(20);
    expect(book.left([one], 0)).toBe(0);
  });

  test('reserves in all budgets or in none', () => {
    const book = createBook();
    const [wide, tight] = [
      budget(),
      budget({ name: 't', scope: { kind: 'key', name: 'k' }, limitNanoUsd: 4 }),
    ];
    expect(book.reserve([wide, tight], 5, 0)).toBe(tight);
    expect(book.left([wide], 0)).toBe(100);
  });

  test('settles once, in the period of the reservation', () => {
    const book = createBook();
    const one = budget();
    const held = book.reserve([one], 40, DAY_MS - 1);
    if (!isReserved(held)) throw new Error('refused');
    expect(book.state(one, DAY_MS)).toMatchObject({ spentNanoUsd: 0, reservedNanoUsd: 0 });
    expect([held.settle(30), held.settle(10)]).toEqual([0, undefined]);
    expect(book.state(one, DAY_MS)).toMatchObject({ spentNanoUsd: 0 });
    // A clock that is set back finds the day as it was.
    expect(book.state(one, DAY_MS - 1)).toMatchObject({ spentNanoUsd: 30, reservedNanoUsd: 0 });
  });

  test('books what was used above the reservation, and says how much that is', () => {
    const book = createBook();
    const held = book.reserve([budget()], 40, 0);
    if (!isReserved(held)) throw new Error('refused');
    expect(held.settle(55)).toBe(15);
  });

  test('a reservation that nobody settles becomes spent', () => {
    const book = createBook();
    const one = budget();
    const held = book.reserve([one], 40, 10);
    if (!isReserved(held)) throw new Error('refused');
    expect([book.expire(10), book.expire(11)]).toEqual([0, 1]);
    expect(book.state(one, 10)).toMatchObject({ spentNanoUsd: 40, reservedNanoUsd: 0 });
    expect(held.settle(0)).toBeUndefined();
  });

  test('counts what others have committed', () => {
    const book = createBook();
    const one = budget();
    book.elsewhere(book.account(one, 0).key, 97);
    expect(book.left([one], 0)).toBe(3);
    book.elsewhere(book.account(one, 0).key, 120);
    expect(book.left([one], 0)).toBe(0);
  });
});

const daily = budget({ name: 'daily' });
const ever = budget({
  name: 'ever',
  scope: { kind: 'key', name: 'k' },
  per: 'all',
  limitNanoUsd: 150,
});

interface Row {
  readonly nano: number;
  readonly own: readonly Budget[];
  readonly atMs: number;
  used: number | undefined;
}

const dayOf = (atMs: number): number => Math.floor(atMs / DAY_MS);

/** A book, and beside it a plain model: the list of everything that ever happened. */
function world() {
  const book = createBook();
  const rows: Row[] = [];
  const held: Reserved[] = [];
  const elsewhere = new Map<number, number>();
  let atMs = 10 * DAY_MS;
  const counts = (row: Row, one: Budget): boolean =>
    row.own.includes(one) && (one === ever || dayOf(row.atMs) === dayOf(atMs));
  const sum = (one: Budget): number =>
    rows
      .filter((row) => counts(row, one))
      .reduce((total, { nano, used }) => total + (used ?? nano), 0) +
    (one === daily ? (elsewhere.get(dayOf(atMs)) ?? 0) : 0);
  return {
    reserve: (nano: number, own: readonly Budget[]) => {
      const answer = book.reserve(own, nano, atMs);
      expect(isReserved(answer)).toBe(own.every((one) => sum(one) + nano <= one.limitNanoUsd));
      if (!isReserved(answer)) return;
      held.push(answer);
      rows.push({ nano, own, atMs, used: undefined });
    },
    settle: (which: number, used: number, times: number) => {
      const row = rows[which % rows.length];
      for (let time = 0; time < times; time += 1) held[which % rows.length]?.settle(used + time);
      if (row !== undefined) row.used ??= used;
    },
    expire: (agoMs: number) => {
      book.expire(atMs - agoMs);
      for (const row of rows) if (row.atMs < atMs - agoMs) row.used ??= row.nano;
    },
    others: (nano: number) => {
      elsewhere.set(dayOf(atMs), nano);
      book.elsewhere(book.account(daily, atMs).key, nano);
    },
    pass: (ms: number) => {
      atMs = Math.max(9 * DAY_MS, Math.min(11 * DAY_MS, atMs + ms));
    },
    agrees: () => {
      for (const one of [daily, ever]) {
        const { spentNanoUsd, reservedNanoUsd } = book.state(one, atMs);
        expect(spentNanoUsd + reservedNanoUsd).toBe(sum(one));
      }
    },
  };
}

type World = ReturnType<typeof world>;
type Step = (given: World) => void;
const nat = (max: number) => fc.nat({ max });

const steps: readonly fc.Arbitrary<Step>[] = [
  fc.tuple(nat(40), fc.boolean()).map(
    ([nano, both]) =>
      (given) =>
        given.reserve(nano, both ? [daily, ever] : [daily]),
  ),
  fc.tuple(fc.nat(), nat(60), fc.integer({ min: 1, max: 5 })).map(
    ([which, used, times]) =>
      (given) =>
        given.settle(which, used, times),
  ),
  nat(DAY_MS).map((agoMs) => (given) => given.expire(agoMs)),
  nat(60).map((nano) => (given) => given.others(nano)),
  fc.integer({ min: -DAY_MS / 2, max: DAY_MS }).map((ms) => (given) => given.pass(ms)),
];

test('5,000 sequences of everything that can happen end as in a plain model', () => {
  const play = (sequence: readonly Step[]): void => {
    const given = world();
    for (const step of sequence) {
      step(given);
      given.agrees();
    }
  };
  fc.assert(fc.property(fc.array(fc.oneof(...steps), { maxLength: 25 }), play), {
    numRuns: 5000,
  });
});
