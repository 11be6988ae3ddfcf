/** Replicas over one Postgres share budgets: whatever happens to them, no more is spent than there is. */
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { readBill } from '../../src/analysis/bill.ts';
import { reconcileWith } from '../../src/commands/ledger/reconcile.ts';
import { secret } from '../../src/lib/secret.ts';
import { openLedgerTools } from '../../src/stores/open.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { postgresOfFile } from '../support/postgres.ts';
import { ANSWER_NANO_USD } from '../support/paid-cloud.ts';
import { askPaid, sharedWorld, type SharedWorld } from '../support/shared-world.ts';

const postgres = postgresOfFile();

/** What one request reserves: 20 tokens out, and its estimated input. */
const RESERVED_NANO_USD = 20 * 10_000 + 10_000;
const LIMIT_NANO_USD = 100 * ANSWER_NANO_USD + RESERVED_NANO_USD;
const SLICE_NANO_USD = LIMIT_NANO_USD / 200;
const BUDGET = `budgets: [{ name: shared, usd: ${LIMIT_NANO_USD / 1e9}, per: all }]`;

/** The most that was ever leased or booked in an account, looked at as often as it can be until `over`. */
async function mostLeased(world: SharedWorld, over: AbortSignal): Promise<number> {
  let most = 0;
  while (!over.aborted) {
    const rows = await world.rows(
      'SELECT greatest(sum(granted), sum(booked))::bigint AS nano FROM leases GROUP BY account',
    );
    for (const { nano } of rows) most = Math.max(most, Number(nano));
    await wait(5);
  }
  return most;
}

/** Whole, streamed, two answers at once, and left before the end. */
async function askSomehow(gateway: GatewayProcess, at: number): Promise<number> {
  const leaves = at % 8 === 3;
  const signal = leaves ? AbortSignal.timeout(15) : new AbortController().signal;
  const more = at % 5 === 1 ? { n: 2, signal } : { signal };
  return await askPaid(gateway, at, more).catch((error: unknown) => {
    if (leaves) return 0;
    throw error;
  });
}

/** Until nobody has money for one more. Resolves to the statuses. */
async function askUntilRefused(gateways: readonly GatewayProcess[]): Promise<readonly number[]> {
  const statuses: number[] = [];
  let refused = 0;
  for (let at = 0; refused < 2 * gateways.length; at += 1) {
    // What is given back by one takes a moment to reach the others.
    if (refused > 0) await wait(150);
    const status = await askPaid(gateways[at % gateways.length]!, `more-${at}`);
    statuses.push(status);
    refused = status === 429 ? refused + 1 : 0;
  }
  return statuses;
}

describe('three replicas and a budget for a hundred answers', () => {
  test('400 requests at once spend no more than there is, and leave less than four slices', async () => {
    const world = await sharedWorld(postgres, { more: BUDGET });
    const gateways = await Promise.all([0, 1, 2].map((replica) => world.start(replica)));
    const over = new AbortController();
    const most = mostLeased(world, over.signal);
    const asked = Array.from({ length: 400 }, (_, at) => askSomehow(gateways[at % 3]!, at));
    const statuses = await Promise.all(asked);
    const more = await askUntilRefused(gateways);
    // 0: it left. 503: what a busy machine cannot write down in two seconds is not asked for.
    const others = [...statuses, ...more].filter((status) => ![0, 200, 429, 503].includes(status));
    expect(others).toEqual([]);
    expect(statuses).toEqual(expect.arrayContaining([0, 200]));
    for (const gateway of gateways) expect(await gateway.stop()).toBe(0);
    over.abort();
    expect(await most).toBeLessThanOrEqual(LIMIT_NANO_USD);
    const spent = await world.spent();
    const unused = LIMIT_NANO_USD - spent;
    expect(unused).toBeGreaterThanOrEqual(0);
    expect(unused).toBeLessThanOrEqual(RESERVED_NANO_USD + 4 * SLICE_NANO_USD);
    // Every call that reached the cloud has its row, and budgets count what the rows say.
    const calls = await world.rows('SELECT model, state FROM attempts');
    const known = new Set(calls.map(({ model }) => model));
    expect(world.asked().filter((model) => !known.has(model))).toEqual([]);
    expect(calls.filter(({ state }) => state === 'open')).toEqual([]);
    expect(
      await world.rows(
        'SELECT sum(granted)::int AS granted, sum(booked)::int AS booked FROM leases',
      ),
    ).toEqual([{ granted: spent, booked: spent }]);
    await world.close();
  });

  test('a replica that is killed keeps its lease until it is back, and then each row counts once', async () => {
    const world = await sharedWorld(postgres, { more: BUDGET });
    const [one, two] = await Promise.all([world.start(0), world.start(1)]);
    const asked = Array.from({ length: 60 }, (_, at) =>
      askPaid([one, two][at % 2]!, at).catch(() => 0),
    );
    await expect.poll(() => world.asked().length).toBeGreaterThan(15);
    process.kill(one.pid, 'SIGKILL');
    await Promise.all(asked);
    const leased = await world.rows('SELECT sum(granted)::bigint AS nano FROM leases');
    expect(Number(leased[0]?.['nano'])).toBeLessThanOrEqual(LIMIT_NANO_USD);
    const back = await world.start(0);
    // The dead process's lease is replaced by what its rows say.
    const dead = 'SELECT count(*)::int AS n FROM boots';
    await expect.poll(() => world.rows(dead)).toEqual([{ n: 2 }]);
    await askUntilRefused([back, two]);
    for (const gateway of [back, two]) expect(await gateway.stop()).toBe(0);
    const rows = await world.rows(
      'SELECT model, state, used_nano_usd::int AS used, reserved_nano_usd::int AS reserved FROM attempts',
    );
    const known = rows.map(({ model }) => model);
    expect(new Set(known).size).toBe(known.length);
    expect(world.asked().filter((model) => !known.includes(model))).toEqual([]);
    for (const { state, used, reserved } of rows) {
      if (state === 'unknown') expect(used).toBe(reserved);
      else
        expect([state, used]).toEqual(
          state === 'settled' ? ['settled', ANSWER_NANO_USD] : ['released', 0],
        );
    }
    const spent = await world.spent();
    expect(spent).toBeLessThanOrEqual(LIMIT_NANO_USD);
    expect(LIMIT_NANO_USD - spent).toBeLessThanOrEqual(RESERVED_NANO_USD + 4 * SLICE_NANO_USD);
    expect(
      await world.rows(
        'SELECT sum(granted)::int AS granted, sum(booked)::int AS booked FROM leases',
      ),
    ).toEqual([{ granted: spent, booked: spent }]);
    await world.close();
  });

  test('eight kills under load, one after the other: no paid call without a row, none twice, and the bill is the ledger', async () => {
    const usd = 50;
    const world = await sharedWorld(postgres, {
      more: `budgets: [{ name: large, usd: ${usd}, per: all }]`,
    });
    for (let round = 0; round < 8; round += 1) {
      const gateway = await world.start(0);
      const before = world.asked().length;
      const asked = Array.from({ length: 80 }, (_, at) =>
        askPaid(gateway, `k-${round}-${at}`, { signal: AbortSignal.timeout(20_000) }).catch(
          () => 0,
        ),
      );
      await expect.poll(() => world.asked().length).toBeGreaterThan(before + ((round * 37) % 60));
      process.kill(gateway.pid, 'SIGKILL');
      await Promise.all(asked);
    }
    expect(await (await world.start(0)).stop()).toBe(0);
    const rows = await world.rows(
      'SELECT model, state, used_nano_usd::int AS used, reserved_nano_usd::int AS reserved FROM attempts',
    );
    const known = rows.map(({ model }) => String(model));
    expect(new Set(known).size).toBe(known.length);
    const listed = new Set(known);
    expect(world.asked().filter((model) => !listed.has(model))).toEqual([]);
    const odd = rows.filter(({ state, used, reserved }) => {
      if (state === 'unknown') return used !== reserved;
      return state === 'settled' ? used !== ANSWER_NANO_USD : state !== 'released';
    });
    expect(odd).toEqual([]);
    const spent = await world.spent();
    expect(
      await world.rows(
        'SELECT sum(granted)::int AS granted, sum(booked)::int AS booked FROM leases',
      ),
    ).toEqual([{ granted: spent, booked: spent }]);
    // The stand-in's bill closes what is not known, in rows and in budgets.
    const ledger = openLedgerTools({ kind: 'postgres', url: secret(world.url) });
    const day = new Date().toISOString().slice(0, 10);
    const lines = world.asked().map((model) => `${day},${model},${ANSWER_NANO_USD / 1e9}`);
    const found = await reconcileWith(ledger, readBill(['day,model,usd', ...lines].join('\n')), {
      act: { who: 'ana', note: '', atMs: Date.now() },
      file: 'bill.csv',
      upstream: 'cloud',
      isTodayWhole: true,
      isDry: false,
    });
    expect(found.differenceNanoUsd).toBe(0);
    expect(await ledger.check()).toMatchObject({ problems: [], unknown: 0, open: 0 });
    await ledger.end();
    const bill = world.asked().length * ANSWER_NANO_USD;
    expect(await world.spent()).toBe(bill);
    expect(await world.rows('SELECT sum(granted)::int AS granted FROM leases')).toEqual([
      { granted: bill },
    ]);
    await world.close();
  });
});
