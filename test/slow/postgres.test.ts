/** A gateway whose state is in Postgres: answers, and what it leaves is there for others. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { openPostgres } from '../../src/stores/postgres/connection.ts';
import { MAIN, type GatewayProcess } from '../support/gateway-process.ts';
import { postgresOfFile } from '../support/postgres.ts';
import { ANSWER_NANO_USD } from '../support/paid-cloud.ts';
import { ADMIN_KEY, askPaid, sharedWorld, type SharedWorld } from '../support/shared-world.ts';

const postgres = postgresOfFile();

/** What a command writes. @throws Error with what it says of a failure */
const command = ({ config, env }: SharedWorld, ...args: readonly string[]): string =>
  execFileSync(process.execPath, [MAIN, ...args, '--config', config(0)], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

async function admin({ url }: GatewayProcess, path: string): Promise<unknown> {
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  const answer = await fetch(`${url}/admin/${path}`, { headers });
  return await answer.json();
}

describe('a gateway on Postgres', () => {
  test('takes keys that a command makes, and its records, sums and budgets are read by others', async () => {
    const world = await sharedWorld(postgres, {
      more: `auth: { mode: keys, adminKey: "\${ADMIN_KEY}" }
budgets: [{ name: day, usd: 1, per: day, zone: UTC }]`,
    });
    const [one, two] = await Promise.all([world.start(0), world.start(1)]);
    const { secret }: { secret: string } = JSON.parse(
      command(world, 'keys', 'create', 'bot', '--team', 'support', '--json'),
    );
    await expect.poll(() => askPaid(one, 1, { key: secret })).toBe(200);
    await expect.poll(() => askPaid(two, 2, { key: secret })).toBe(200);
    const asked = world.asked().length;
    expect(asked).toBe(2);
    // Each replica shows what both have done.
    for (const gateway of [one, two]) {
      await expect
        .poll(() => admin(gateway, 'requests?view=rows&key=bot'))
        .toMatchObject({
          rows: [{ key: 'bot', nanoUsd: ANSWER_NANO_USD }, { key: 'bot' }],
        });
      expect(await admin(gateway, 'summary?key=bot')).toMatchObject({ requests: { total: 2 } });
    }
    expect(command(world, 'report', '--by', 'key', '--csv')).toContain(',bot,2,2,0.000114000,');
    expect(JSON.parse(command(world, 'budgets', 'list', '--json'))).toMatchObject({
      budgets: [{ name: 'day', spentUsd: 0.000114 }],
    });
    expect(command(world, 'ledger', 'check')).toContain('The ledger is whole.');
    command(world, 'keys', 'revoke', 'bot');
    await expect.poll(() => askPaid(two, 3, { key: secret })).toBe(401);
    expect(await one.stop()).toBe(0);
    expect(await two.stop()).toBe(0);
    // Who stops gives back what it had leased and not used.
    const spent = world.asked().length * ANSWER_NANO_USD;
    expect(await world.rows('SELECT boot, granted::int, booked::int FROM leases')).toEqual([
      { boot: '', granted: spent, booked: spent },
    ]);
    expect(await world.spent()).toBe(spent);
    await world.close();
  });

  test('starts in no database of another program or a newer version, and says why', async () => {
    const world = await sharedWorld(postgres);
    await world.rows('CREATE TABLE invoices (id integer)');
    await expect(world.start(0)).rejects.toThrow(
      "schema 'public' has tables of another program, such as 'invoices'; name an empty database",
    );
    await world.rows('DROP TABLE invoices');
    await (await world.start(0)).stop();
    await world.rows('UPDATE smallfirst_schema SET version = version + 1');
    await expect(world.start(0)).rejects.toThrow('it was written by a newer Smallfirst (schema');
    await world.close();
  });

  test('starts as two at once in an empty database', async () => {
    const world = await sharedWorld(postgres);
    const gateways = await Promise.all([0, 1, 2].map((replica) => world.start(replica)));
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    expect(await world.rows('SELECT count(*)::int AS n FROM smallfirst_schema')).toEqual([
      { n: 1 },
    ]);
    await world.close();
  });
});

test('eight replicas that start at once on an empty database make one schema', async () => {
  for (let round = 0; round < 10; round += 1) {
    const url = await postgres.database();
    const stores = Array.from({ length: 8 }, () => openPostgres({ url, connections: 1 }));
    const versions = await Promise.all(
      stores.map(({ query }) => query('SELECT count(*) AS versions FROM smallfirst_schema')),
    );
    expect(new Set(versions.map(([row]) => row?.['versions']))).toEqual(new Set([1]));
    await Promise.all(stores.map((store) => store.close()));
  }
});
