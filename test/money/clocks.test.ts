/** A running gateway whose clock is set: each paid call counts in one window of each budget, and none is opened twice. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { periodAt, type CalendarPeriod } from '../../src/lib/calendar.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';
import type { MockRequest } from '../support/mock/request.ts';

/** 50 tokens out at 10,000 nano-USD, one in at 1,000. */
const ANSWER_NANO = 501_000;
/** A day has room for six answers, and for what a seventh reserves it has not. */
const A_DAY = 6;
const DAY_USD = (A_DAY * ANSWER_NANO + 15_000) / 1e9;
const CONFIG = `budgets:
  - { name: day, usd: ${DAY_USD.toFixed(9)}, per: day, zone: Europe/Madrid }
  - { name: month, usd: 1, per: month, zone: Europe/Madrid }`;

let whole: WholeGateway;
let gate = Promise.withResolvers<void>();

beforeEach(async () => {
  // The clock alone: timers and the monotonic clock go on.
  vi.useFakeTimers({ toFake: ['Date'] });
  clock('2026-03-28T12:00:00+01:00');
  gate = Promise.withResolvers();
  gate.resolve();
  whole = await startTestGateway({
    cloudMore: ', price: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 }',
    cloud: {
      behaviour: () => ({
        kind: 'answer',
        usage: { prompt: 1, completion: 50 },
        gate: () => gate.promise,
      }),
    },
    config: CONFIG,
    store: 'sqlite',
  });
});
afterEach(async () => await whole.close());
afterAll(() => vi.useRealTimers());

const clock = (time: string): void => void vi.setSystemTime(new Date(time));

async function ask(): Promise<number> {
  const answer = await whole.chat('2 + 2?', { model: 'cloud/gpt-4o', max_tokens: 50 });
  await answer.text();
  return answer.status;
}

/** Until so many calls have arrived in the cloud. `expect.poll` would set the clock forward. */
async function arrived(calls: number): Promise<void> {
  const isCall = ({ method }: MockRequest): boolean => method === 'POST';
  while (whole.cloud.requests.filter(isCall).length < calls) await nextTurn();
}

/** How many more are answered before one is refused. */
async function answered(): Promise<number> {
  for (let count = 0; ; count += 1) if ((await ask()) !== 200) return count;
}

interface Window {
  readonly calls: number;
  readonly nanoUsd: number;
}

/** By `day 2026-03-28T…`; every call is in the window of its time, and sums are those of the rows. */
async function windows(): Promise<ReadonlyMap<string, Window>> {
  await expect.poll(() => rowsOf("SELECT id FROM attempts WHERE state = 'open'")).toEqual([]);
  const found = new Map<string, Window>();
  for (const { at_ms: atMs, accounts, used_nano_usd: used } of rowsOf('SELECT * FROM attempts')) {
    const keys = JSON.parse(String(accounts)) as readonly string[];
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      const [, , per, zone, startMs] = JSON.parse(key) as [
        string,
        string,
        CalendarPeriod,
        string,
        number,
      ];
      expect(periodAt(per, zone, Number(atMs)).startMs).toBe(startMs);
      const name = `${per} ${new Date(startMs).toISOString()}`;
      const { calls = 0, nanoUsd = 0 } = found.get(name) ?? {};
      found.set(name, { calls: calls + 1, nanoUsd: nanoUsd + Number(used) });
    }
  }
  const sums = rowsOf('SELECT account, sum(nano_usd) AS nano FROM spending GROUP BY account');
  for (const { account, nano } of sums) {
    const [, , per, , startMs] = JSON.parse(String(account)) as [
      string,
      string,
      string,
      string,
      number,
    ];
    const { nanoUsd = 0 } = found.get(`${per} ${new Date(startMs).toISOString()}`) ?? {};
    expect([account, nano]).toEqual([account, nanoUsd]);
  }
  return found;
}

function rowsOf(sql: string) {
  using db = new DatabaseSync(join(whole.folder, 'state.db'), { readOnly: true });
  return db.prepare(sql).all();
}

const windowOf = (calls: number): Window => ({ calls, nanoUsd: calls * ANSWER_NANO });

test('at the end of a month, with calls under way, each is in the month in which it began', async () => {
  clock('2026-10-31T23:59:59.900+01:00');
  gate = Promise.withResolvers();
  const before = [ask(), ask(), ask(), ask()];
  await arrived(4);
  clock('2026-11-01T00:00:00.100+01:00');
  const after = [ask(), ask()];
  await arrived(6);
  gate.resolve();
  expect(await Promise.all([...before, ...after])).toEqual([200, 200, 200, 200, 200, 200]);
  expect(await windows()).toEqual(
    new Map([
      ['day 2026-10-30T23:00:00.000Z', windowOf(4)],
      ['month 2026-09-30T22:00:00.000Z', windowOf(4)],
      ['day 2026-10-31T23:00:00.000Z', windowOf(2)],
      ['month 2026-10-31T23:00:00.000Z', windowOf(2)],
    ]),
  );
  clock('2026-11-01T23:59:59.900+01:00');
  expect(await answered()).toBe(A_DAY - 2);
});

test.each([
  [
    'the day that has no hour from two to three',
    [
      '2026-03-29T00:00:00.100+01:00',
      '2026-03-29T01:59:59.900+01:00',
      '2026-03-29T03:00:00.100+02:00',
    ],
    ['2026-03-29T23:59:59.900+02:00', '2026-03-30T00:00:00.100+02:00'],
  ],
  [
    'the day that has it twice',
    [
      '2026-10-25T00:00:00.100+02:00',
      '2026-10-25T02:30:00.000+02:00',
      '2026-10-25T02:30:00.000+01:00',
    ],
    ['2026-10-25T23:59:59.900+01:00', '2026-10-26T00:00:00.100+01:00'],
  ],
])('%s is one window', async (_, times, [last = '', next = '']) => {
  for (const time of times) {
    clock(time);
    expect(await ask()).toBe(200);
  }
  clock(last);
  expect(await answered()).toBe(A_DAY - times.length);
  clock(next);
  expect(await answered()).toBe(A_DAY);
  const days = [...(await windows())].filter(([name]) => name.startsWith('day'));
  expect(days.map(([, window]) => window)).toEqual([windowOf(A_DAY), windowOf(A_DAY)]);
});

test('a clock that is set back and forth by an hour, and by thirty days, opens no window again', async () => {
  clock('2026-05-10T00:30:00+02:00');
  expect(await answered()).toBe(A_DAY);
  clock('2026-05-09T23:30:00+02:00');
  expect(await answered()).toBe(A_DAY);
  clock('2026-05-10T00:30:00+02:00');
  expect(await answered()).toBe(0);
  clock('2026-06-09T00:30:00+02:00');
  expect(await answered()).toBe(A_DAY);
  // What this process has forgotten of it stands in the ledger.
  clock('2026-05-10T00:30:00+02:00');
  expect(await answered()).toBe(0);
  clock('2026-05-09T23:30:00+02:00');
  expect(await answered()).toBe(0);
  const all = [...(await windows())];
  expect(all.filter(([name]) => name.startsWith('day')).map(([, { calls }]) => calls)).toEqual([
    A_DAY,
    A_DAY,
    A_DAY,
  ]);
});
