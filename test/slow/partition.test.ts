/** Row F32: a replica that is parted from Postgres, and still has callers. What both spend together never exceeds the limit. */
import { expect, test } from 'vitest';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { postgresOfFile } from '../support/postgres.ts';
import { ANSWER_NANO_USD } from '../support/paid-cloud.ts';
import { askPaid, sharedWorld } from '../support/shared-world.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';

const postgres = postgresOfFile();

const RESERVED_NANO_USD = 210_000;
const AT_LEISURE = { interval: 500 };

let asked = 0;
const ask = (gateway: GatewayProcess): Promise<number> => askPaid(gateway, `n-${(asked += 1)}`);

/** One after the other, until that status comes or so many were asked. Resolves to all that came. */
async function askUntil(gateway: GatewayProcess, last: number, most = 500) {
  const statuses: number[] = [];
  while (statuses.at(-1) !== last && statuses.length < most) statuses.push(await ask(gateway));
  return statuses;
}

const answered = (statuses: readonly number[]): number =>
  statuses.filter((status) => status === 200).length;

/** Two replicas, the second of which reaches Postgres through the proxy. */
async function partedWorld(limitNanoUsd: number) {
  const proxy = await startFaultProxy(postgres.port());
  const world = await sharedWorld(postgres, {
    more: `budgets: [{ name: all, usd: ${limitNanoUsd / 1e9}, per: all }]`,
    portOf: (replica) => (replica === 1 ? proxy.port : undefined),
  });
  const near = await world.start(0);
  const parted = await world.start(1);
  for (const gateway of [near, parted]) expect(await ask(gateway)).toBe(200);
  const spent = (): number => world.asked().length * ANSWER_NANO_USD;
  return { proxy, world, near, parted, spent };
}

/** Every call that reached the cloud has its row, and what is leased is what was spent. */
async function expectWhole({
  proxy,
  world,
  near,
  parted,
  spent,
}: Awaited<ReturnType<typeof partedWorld>>) {
  for (const gateway of [parted, near]) expect(await gateway.stop()).toBe(0);
  const rows = await world.rows("SELECT model FROM attempts WHERE state = 'settled'");
  expect(rows.map(({ model }) => String(model)).toSorted()).toEqual(world.asked().toSorted());
  const [sums] = await world.rows(
    'SELECT sum(granted)::int AS granted, sum(booked)::int AS booked FROM leases',
  );
  expect(sums).toEqual({ granted: spent(), booked: spent() });
  await world.close();
  await proxy.close();
}

test('it spends what it has leased, is refused then, and answers again once it is joined', async () => {
  // A slice is a two-hundredth: ten reservations.
  const made = await partedWorld(200 * 10 * RESERVED_NANO_USD);
  const { proxy, near, parted } = made;
  proxy.part();
  const alone = await askUntil(parted, 503);
  expect(alone.at(-1)).toBe(503);
  expect(answered(alone)).toBeGreaterThan(0);
  expect(answered(await askUntil(near, 503, 20))).toBe(20);
  const readiness = async (): Promise<string> => await (await fetch(`${parted.url}/readyz`)).text();
  await expect.poll(readiness, AT_LEISURE).toContain('the ledger cannot be written');
  proxy.join();
  await expect.poll(() => ask(parted), AT_LEISURE).toBe(200);
  process.stdout.write(`parted: ${answered(alone)} answered out of the lease, then 503\n`);
  await expectWhole(made);
});

test('a limit that is nearly reached is not exceeded by the two together', async () => {
  const limit = 40 * RESERVED_NANO_USD;
  const made = await partedWorld(limit);
  const { proxy, near, parted, spent } = made;
  proxy.part();
  expect((await askUntil(parted, 503)).at(-1)).toBe(503);
  const others = await askUntil(near, 429);
  expect(others.at(-1)).toBe(429);
  expect(others).not.toContain(503);
  expect(spent()).toBeLessThanOrEqual(limit);
  proxy.join();
  await expect.poll(() => ask(parted), AT_LEISURE).not.toBe(503);
  expect((await askUntil(parted, 429)).at(-1)).toBe(429);
  expect(spent()).toBeLessThanOrEqual(limit);
  process.stdout.write(`spent ${spent()} of ${limit} nano-USD\n`);
  await expectWhole(made);
});
