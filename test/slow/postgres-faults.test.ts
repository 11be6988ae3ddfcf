/** Postgres crashes, hangs, takes no writes: what needs it is refused, what does not goes on, and nothing is lost. */
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openPostgres } from '../../src/stores/postgres/connection.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { postgresOfFile } from '../support/postgres.ts';
import { ANSWER_NANO_USD } from '../support/paid-cloud.ts';
import { ADMIN_KEY, askPaid, sharedWorld, type SharedWorld } from '../support/shared-world.ts';

const postgres = postgresOfFile();

const RESERVED_NANO_USD = 210_000;
/** A slice holds ten reservations. */
const BUDGET = `budgets: [{ name: all, usd: ${(200 * 10 * RESERVED_NANO_USD) / 1e9}, per: all }]`;

async function askFree({ url }: GatewayProcess, key?: string): Promise<number> {
  const done = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({ model: 'local/slm', messages: [{ role: 'user', content: 'hi' }] }),
  });
  await done.text();
  return done.status;
}

const readyz = async ({ url }: GatewayProcess): Promise<string> =>
  await (await fetch(`${url}/readyz`)).text();

let paid = 0;
/** One after the other, until one is refused; every free request between them is answered. Resolves to the statuses. */
async function askUntilRefused(gateway: GatewayProcess): Promise<readonly number[]> {
  const statuses: number[] = [];
  while (statuses.at(-1) !== 503 && statuses.length < 60) {
    expect(await askFree(gateway)).toBe(200);
    statuses.push(await askPaid(gateway, `f-${paid++}`));
  }
  return statuses;
}

/** Rows, sums and what the cloud was asked for are one. */
async function expectNothingLost(world: SharedWorld, gateway: GatewayProcess): Promise<void> {
  expect(await gateway.stop()).toBe(0);
  const rows = await world.rows('SELECT model, state, used_nano_usd::int AS used FROM attempts');
  expect(rows.map(({ model }) => String(model)).toSorted()).toEqual(world.asked().toSorted());
  expect(new Set(rows.map(({ state, used }) => `${String(state)} ${String(used)}`))).toEqual(
    new Set([`settled ${ANSWER_NANO_USD}`]),
  );
  const spent = await world.spent();
  expect(
    await world.rows('SELECT sum(granted)::int AS granted, sum(booked)::int AS booked FROM leases'),
  ).toEqual([{ granted: spent, booked: spent }]);
  // A record a request, whatever became of it.
  const [kept] = await world.rows(
    `SELECT count(*)::int AS records, count(*) FILTER (WHERE outcome = 'answered' AND upstream = 'cloud')::int AS answered FROM records`,
  );
  expect(kept?.['answered']).toBe(world.asked().length);
}

interface Fault {
  readonly begin: (world: SharedWorld) => Promise<void>;
  readonly end: (world: SharedWorld) => Promise<void>;
}

const readOnly = async (world: SharedWorld, isOn: boolean): Promise<void> => {
  const name = new URL(world.url).pathname.slice(1);
  const admin = world.url.replace(`/${name}`, '/postgres');
  await postgres.rows(
    admin,
    `ALTER DATABASE ${name} SET default_transaction_read_only = ${isOn ? 'on' : 'off'}`,
  );
  await postgres.rows(
    admin,
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
    [name],
  );
};

const FAULTS: Readonly<Record<string, Fault>> = {
  crashes: {
    begin: async () => postgres.crash(),
    end: async () => await postgres.start(),
  },
  hangs: {
    begin: async () => postgres.hang(),
    end: async () => postgres.goOn(),
  },
  'takes no writes': {
    begin: (world) => readOnly(world, true),
    end: (world) => readOnly(world, false),
  },
};

describe.each(Object.entries(FAULTS))('a Postgres that %s', (_, fault) => {
  test('costs no free request; paid ones use up the lease, are refused, and are answered again', async () => {
    const world = await sharedWorld(postgres, { more: BUDGET });
    const gateway = await world.start(0);
    for (let at = 0; at < 5; at += 1) expect(await askPaid(gateway, at)).toBe(200);
    await expect.poll(() => world.spent()).toBe(5 * ANSWER_NANO_USD);
    await fault.begin(world);
    const statuses = await askUntilRefused(gateway);
    expect(statuses.at(-1)).toBe(503);
    // What was leased holds about ten, or more as each costs less than it reserves.
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
    await expect.poll(() => readyz(gateway)).toContain('the ledger cannot be written');
    await fault.end(world);
    await expect.poll(() => askPaid(gateway, `f-${paid++}`)).toBe(200);
    await expect.poll(() => readyz(gateway)).not.toContain('the ledger');
    await expectNothingLost(world, gateway);
    await world.close();
  });
});

test('a stop without Postgres says how many rows wait, and the next start forwards them', async () => {
  const world = await sharedWorld(postgres, { more: BUDGET });
  const first = await world.start(0);
  expect(await askPaid(first, 1)).toBe(200);
  await expect.poll(() => world.spent()).toBe(ANSWER_NANO_USD);
  postgres.crash();
  expect(await askPaid(first, 2)).toBe(200);
  expect(await first.stop()).toBe(0);
  expect(first.output()).toMatch(
    /\d+ rows of the ledger could not be forwarded to Postgres\. They are in .*outbox\.db/,
  );
  await postgres.start();
  await expectNothingLost(world, await world.start(0));
  await world.close();
});

test('connections that are cut, in use or not, end no process and lose no row', async () => {
  const world = await sharedWorld(postgres, { more: BUDGET });
  const gateway = await world.start(0);
  const over = new AbortController();
  const cutting = (async () => {
    while (!over.signal.aborted) {
      await world.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'smallfirst' AND datname = current_database()",
      );
      await wait(20);
    }
  })();
  const asked = Array.from({ length: 120 }, (_, at) => askPaid(gateway, at));
  const statuses = await Promise.all(asked);
  over.abort();
  await cutting;
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  await expectNothingLost(world, gateway);
  await world.close();
});

test('a connection that is cut within a transaction is an error in words, and the next one works', async () => {
  const url = await postgres.database();
  const store = openPostgres({ url });
  const cut = store.transaction(async (query) => {
    const [own] = await query('SELECT pg_backend_pid() AS pid');
    await postgres.rows(url, 'SELECT pg_terminate_backend($1)', [own?.['pid']]);
    await query('SELECT 1');
  });
  await expect(cut).rejects.toThrow(/^The store postgres:\/\/127\.0\.0\.1:\d+\/test_\d+: /);
  expect(await store.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await store.close();
});

test('without an outbox paid calls wait for Postgres, and what a dead replica left is charged as reserved', async () => {
  const world = await sharedWorld(postgres, { more: BUDGET, store: ', outbox: none' });
  const gateway = await world.start(0);
  const asked = Array.from({ length: 40 }, (_, at) => askPaid(gateway, at).catch(() => 0));
  await expect.poll(() => world.asked().length).toBeGreaterThan(10);
  process.kill(gateway.pid, 'SIGKILL');
  await Promise.all(asked);
  const rows = await world.rows('SELECT model FROM attempts');
  const known = new Set(rows.map(({ model }) => model));
  expect(world.asked().filter((model) => !known.has(model))).toEqual([]);
  // As if it had been silent for long.
  await world.rows("UPDATE boots SET seen = now() - interval '2 minutes'");
  const other = await world.start(1);
  const open = "SELECT count(*)::int AS open FROM attempts WHERE state = 'open'";
  await expect.poll(() => world.rows(open)).toEqual([{ open: 0 }]);
  postgres.crash();
  expect(await askPaid(other, 'refused')).toBe(503);
  await postgres.start();
  await expect.poll(() => askPaid(other, `f-${paid++}`)).toBe(200);
  expect(await other.stop()).toBe(0);
  const spent = await world.spent();
  expect(
    await world.rows('SELECT sum(granted)::int AS granted, sum(booked)::int AS booked FROM leases'),
  ).toEqual([{ granted: spent, booked: spent }]);
  await world.close();
});

test('a key that is revoked, and a budget that is set, hold in every replica also while nobody can be told', async () => {
  const world = await sharedWorld(postgres, {
    more: `auth: { mode: keys, adminKey: "\${ADMIN_KEY}" }`,
  });
  const [one, two] = await Promise.all([world.start(0), world.start(1)]);
  const admin = async (path: string, body?: unknown, method = 'POST') => {
    const answer = await fetch(`${one.url}/admin/${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(answer.ok).toBe(true);
    const given: { secret?: string } = JSON.parse(await answer.text());
    return given.secret ?? '';
  };
  const key = await admin('keys', { name: 'bot' });
  await expect.poll(() => askFree(two, key)).toBe(200);
  await admin('budgets', { name: 'none', scope: { key: 'bot' }, usd: 0.000001, per: 'day' });
  await expect.poll(() => askPaid(two, `k-${paid++}`, { key })).toBe(429);
  // The connection that hears of changes is cut, again and again.
  const over = new AbortController();
  const cutting = (async () => {
    while (!over.signal.aborted) {
      await world.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()",
      );
      await wait(10);
    }
  })();
  await admin('keys/bot', undefined, 'DELETE');
  await expect.poll(() => askFree(two, key)).toBe(401);
  over.abort();
  await cutting;
  for (const gateway of [one, two]) expect(await gateway.stop()).toBe(0);
  await world.close();
});
