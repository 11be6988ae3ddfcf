import { expect, test } from 'vitest';
import { anAttempt, aRecord } from '../../test/support/record.ts';
import { books } from './books.ts';

/** In UTC on the 30th, in Madrid on the 1st. */
const AT_MS = Date.UTC(2026, 10, 30, 23, 30);
const DAY_MS = 86_400_000;

const call = (nanoUsd: number, over: object = {}) => ({
  atMs: AT_MS,
  caller: 'bot',
  team: 'shop',
  upstream: 'cloud',
  model: 'gpt-4o',
  calls: 1,
  nanoUsd,
  isUnknown: false,
  ...over,
});
const paid = (totalNanoUsd: number) =>
  anAttempt({
    upstream: 'cloud',
    model: 'gpt-4o',
    cost: { totalNanoUsd, kinds: { input: totalNanoUsd }, source: 'a price list' },
  });

test('puts what is owed beside what is charged, and the gap', () => {
  const both = books({ by: 'key', per: 'month', zone: 'UTC' });
  both.addCall(call(100));
  both.addCall(call(40, { isUnknown: true }));
  both.addCall(call(7, { caller: 'web' }));
  both.addRecord(aRecord({ atMs: AT_MS, caller: 'bot', attempts: [paid(100)] }));
  // A shadow is owed and charged to nobody; electricity is in neither book.
  both.addRecord(aRecord({ atMs: AT_MS, shadowOf: 'req_1', attempts: [paid(40)] }));
  both.addRecord(aRecord({ atMs: AT_MS, caller: 'bot' }));
  const month = Date.UTC(2026, 10, 1);
  expect(both.rows()).toEqual([
    {
      fromMs: month,
      name: 'bot',
      requests: 2,
      calls: 2,
      owedNanoUsd: 140,
      unknownNanoUsd: 40,
      chargedNanoUsd: 100,
      gapNanoUsd: 40,
    },
    {
      fromMs: month,
      name: 'web',
      requests: 0,
      calls: 1,
      owedNanoUsd: 7,
      unknownNanoUsd: 0,
      chargedNanoUsd: 0,
      gapNanoUsd: 7,
    },
  ]);
});

test('a request that fell back counts once, and each attempt’s money is its own model’s', () => {
  const both = books({ by: 'model', per: 'all', zone: 'UTC' });
  const attempts = [{ ...paid(10), model: 'gpt-4o-mini' }, paid(100)];
  both.addRecord(aRecord({ atMs: AT_MS, attempts }));
  expect(
    both.rows().map(({ name, requests, chargedNanoUsd }) => [name, requests, chargedNanoUsd]),
  ).toEqual([
    ['gpt-4o', 1, 100],
    ['gpt-4o-mini', 0, 10],
  ]);
});

test('days are those of the zone', () => {
  const of = (zone: string) => {
    const both = books({ by: 'team', per: 'day', zone });
    both.addCall(call(1));
    both.addCall(call(2, { atMs: AT_MS - DAY_MS }));
    return both.rows().map(({ fromMs, name, owedNanoUsd }) => [fromMs, name, owedNanoUsd]);
  };
  expect(of('UTC')).toEqual([
    [Date.UTC(2026, 10, 29), 'shop', 2],
    [Date.UTC(2026, 10, 30), 'shop', 1],
  ]);
  expect(of('Europe/Madrid')).toEqual([
    [Date.UTC(2026, 10, 29, 23), 'shop', 2],
    [Date.UTC(2026, 10, 30, 23), 'shop', 1],
  ]);
});
