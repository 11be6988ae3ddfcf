import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { readBill } from './bill.ts';
import { reconcile, type UnknownAttempt } from './reconcile.ts';

const DAY = '2026-11-29';
const unknown = (id: string, reservedNanoUsd: number, model = 'gpt-4o'): UnknownAttempt => ({
  id,
  day: DAY,
  model,
  reservedNanoUsd,
});
const booked = (settledNanoUsd: number, model = 'gpt-4o', open = 0) => ({
  day: DAY,
  model,
  settledNanoUsd,
  open,
});
const billed = (nanoUsd: number, model = 'gpt-4o') => ({ day: DAY, model, nanoUsd });

describe('a bill', () => {
  test('of OpenAI is summed by day and model, exactly', () => {
    const csv = [
      'start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item',
      '1795910400,1795996800,2026-11-29T00:00:00+00:00,2026-11-30T00:00:00+00:00,0.1,usd,"gpt-4o-2024-08-06, input"',
      '1795910400,1795996800,2026-11-29T00:00:00+00:00,2026-11-30T00:00:00+00:00,0.2,usd,"gpt-4o-2024-08-06, output"',
      '1795910400,1795996800,2026-11-29T00:00:00+00:00,2026-11-30T00:00:00+00:00,3.1e-10,usd,"gpt-4o-mini, input"',
      '1795910400,1795996800,2026-11-29T00:00:00+00:00,2026-11-30T00:00:00+00:00,3.1e-10,usd,"gpt-4o-mini, output"',
    ].join('\n');
    expect(readBill(csv)).toEqual([
      { day: DAY, model: 'gpt-4o-2024-08-06', nanoUsd: 300_000_000 },
      { day: DAY, model: 'gpt-4o-mini', nanoUsd: 1 },
    ]);
  });

  test('may be a plain table, with a byte-order mark and amounts with a sign', () => {
    const csv = '﻿Day,Model,USD\r\n2026-11-29,m,$1.5\r\n2026-11-29T23:00:00Z,m,-0.5\r\n';
    expect(readBill(csv)).toEqual([{ day: DAY, model: 'm', nanoUsd: 1_000_000_000 }]);
  });

  test.each([
    ['', 'The bill has no lines'],
    ['a,b\n1,2', 'columns are a, b; there must be start_time'],
    ['day,model,usd\nsoon,m,1', 'Line 2: there is no day'],
    ['day,model,usd\n2026-11-29,m,much', 'Line 2: the amount is "much"'],
    ['start_time,amount_value,amount_currency,line_item\n1795910400,1,eur,m', 'currency is eur'],
  ])('%j says what is wrong', (csv, message) => {
    expect(() => readBill(csv)).toThrow(message);
  });
});

describe('reconciling', () => {
  test('shares what the bill has beyond the settled attempts, and leaves no difference', () => {
    const book = { booked: [booked(100)], unknown: [unknown('a', 30), unknown('b', 60)] };
    const { days, ends } = reconcile([billed(140, 'gpt-4o-2024-08-06')], book, undefined);
    expect(ends).toEqual([
      { id: 'a', usedNanoUsd: 14 },
      { id: 'b', usedNanoUsd: 26 },
    ]);
    expect(days).toMatchObject([{ closedNanoUsd: 40, differenceNanoUsd: 0, unknown: 2 }]);
  });

  test('charges no attempt more than it reserved, and shows the rest', () => {
    const book = { booked: [booked(100)], unknown: [unknown('a', 30)] };
    const { days, ends } = reconcile([billed(200)], book, undefined);
    expect(ends).toEqual([{ id: 'a', usedNanoUsd: 30 }]);
    expect(days).toMatchObject([{ differenceNanoUsd: 70 }]);
  });

  test('closes at nothing what the bill does not have, where it knows every other model', () => {
    const book = { booked: [booked(5, 'm')], unknown: [unknown('a', 30)] };
    expect(reconcile([billed(5, 'm')], book, undefined).ends).toEqual([
      { id: 'a', usedNanoUsd: 0 },
    ]);
    const strange = reconcile([billed(5, 'm'), billed(9, 'other')], book, undefined);
    expect(strange.ends).toEqual([]);
    expect(strange.days.map(({ left }) => left)).toEqual([
      expect.stringContaining('does not have this model'),
      undefined,
      undefined,
    ]);
  });

  test('leaves the day that goes on, calls under way, and days that the bill does not have', () => {
    const book = { booked: [booked(5)], unknown: [unknown('a', 30)] };
    expect(reconcile([billed(5)], book, DAY).days).toMatchObject([{ left: 'the day is not over' }]);
    const busy = { ...book, booked: [booked(5, 'gpt-4o', 2)] };
    expect(reconcile([billed(5)], busy, undefined).ends).toEqual([]);
    const other = { day: '2026-11-28', model: 'gpt-4o', nanoUsd: 5 };
    expect(reconcile([other], book, undefined).ends).toEqual([]);
  });

  test('adds up for any bill', () => {
    const attempts = fc.array(fc.nat({ max: 1000 }), { maxLength: 20 });
    fc.assert(
      fc.property(attempts, fc.nat({ max: 30_000 }), (reserved, due) => {
        const book = { booked: [], unknown: reserved.map((nano, at) => unknown(`${at}`, nano)) };
        const { ends, days } = reconcile([billed(due)], book, undefined);
        const most = reserved.reduce((sum, nano) => sum + nano, 0);
        const closed = ends.reduce((sum, { usedNanoUsd }) => sum + usedNanoUsd, 0);
        expect(closed).toBe(Math.min(due, most));
        expect(days[0]?.differenceNanoUsd).toBe(due - closed);
        ends.forEach(({ usedNanoUsd }, at) =>
          expect(usedNanoUsd).toBeLessThanOrEqual(reserved[at]!),
        );
      }),
    );
  });
});
