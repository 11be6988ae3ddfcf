/** Leases of several processes on a real Postgres, against a plain model: nothing is ever granted twice. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SpendingLimit } from '../../src/core/attempt-log.ts';
import { openPostgres } from '../../src/stores/postgres/connection.ts';
import { createLeases, type Leases } from '../../src/stores/postgres/leases.ts';
import type { Postgres } from '../../src/stores/postgres/port.ts';
import { postgresOfFile } from '../support/postgres.ts';

const server = postgresOfFile();
let postgres: Postgres;
beforeAll(async () => {
  postgres = openPostgres({ url: await server.database() });
});
afterAll(async () => await postgres.close());

const PROCESSES = 3;
let runs = 0;

interface Held {
  readonly process: number;
  readonly nano: number;
  readonly accounts: readonly string[];
}

/** Processes, and what a plain list of their reservations says. */
async function world() {
  runs += 1;
  const lost = new Set<number>();
  const boots = Array.from({ length: PROCESSES }, (_, at) => `boot ${runs} ${at}`);
  const register = async (): Promise<void> => {
    for (const boot of boots)
      await postgres.query(
        "INSERT INTO boots (id, outbox, host, keeps_rows) VALUES ($1, 'o', 'h', true) ON CONFLICT DO NOTHING",
        [boot],
      );
  };
  await register();
  const open = (boot: string, at: number): Leases => {
    // The answer of a call may be lost, after it was carried out.
    const query: Postgres['query'] = async (sql, values) => {
      const rows = await postgres.query(sql, values);
      if (lost.delete(at)) throw new Error('the answer was lost');
      return rows;
    };
    return createLeases({ query }, { boot, register, forwarded: async () => {} });
  };
  const leases = boots.map(open);
  const accountOf = (name: string, limitNanoUsd: number): SpendingLimit => ({
    key: `["${name}",${runs}]`,
    scope: { kind: 'gateway' },
    startMs: 0,
    endMs: Infinity,
    limitNanoUsd,
    budget: name,
  });
  const limits = { wide: accountOf('wide', 1_000), tight: accountOf('tight', 300) };
  const held = new Map<string, Held>();
  const spent = new Map<string, number>();
  let ids = 0;
  const committed = (key: string): number =>
    [...held.values()]
      .filter(({ accounts }) => accounts.includes(key))
      .reduce((sum, { nano }) => sum + nano, spent.get(key) ?? 0);
  return {
    take: async (process: number, nano: number, both: boolean) => {
      const own = both ? [limits.wide, limits.tight] : [limits.wide];
      const id = `r${ids++}`;
      const taken = await leases[process]!.take(id, own, nano).catch(() => 'lost' as const);
      // Not granted, as far as this process knows.
      if (taken === 'lost' || taken.refusedBy !== undefined) return;
      held.set(id, { process, nano, accounts: own.map(({ key }) => key) });
    },
    end: (which: number, used: number) => {
      const [id, row] = [...held][which % Math.max(1, held.size)] ?? [];
      if (id === undefined || row === undefined) return;
      const nano = Math.min(used, row.nano);
      leases[row.process]!.end(id, nano);
      held.delete(id);
      for (const key of row.accounts) spent.set(key, (spent.get(key) ?? 0) + nano);
    },
    lose: (process: number) => void lost.add(process),
    agrees: async () => {
      const rows = await postgres.query(
        'SELECT account, sum(granted) AS nano FROM leases GROUP BY 1',
      );
      const granted = new Map(rows.map(({ account, nano }) => [account, Number(nano)]));
      for (const { key, limitNanoUsd } of Object.values(limits)) {
        expect(granted.get(key) ?? 0).toBeLessThanOrEqual(limitNanoUsd);
        // What is spent and reserved was granted.
        expect(committed(key)).toBeLessThanOrEqual(granted.get(key) ?? 0);
      }
    },
    left: async () => {
      for (const [id, { process, nano, accounts }] of held) {
        leases[process]!.end(id, nano);
        for (const key of accounts) spent.set(key, (spent.get(key) ?? 0) + nano);
      }
      held.clear();
      lost.clear();
      // What is not used comes back, whoever held it: somebody can take the rest.
      const rest = limits.wide.limitNanoUsd - committed(limits.wide.key) - PROCESSES * 5;
      if (rest <= 0) return;
      await expect
        .poll(async () => (await leases[0]!.take('rest', [limits.wide], rest)).refusedBy)
        .toBeUndefined();
    },
  };
}

type World = Awaited<ReturnType<typeof world>>;
type Step = (given: World) => Promise<void> | void;
const process = fc.nat({ max: PROCESSES - 1 });

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(process, fc.integer({ min: 1, max: 120 }), fc.boolean()).map(
    ([who, nano, both]): Step =>
      (given) =>
        given.take(who, nano, both),
  ),
  fc.tuple(fc.nat(), fc.nat({ max: 120 })).map(
    ([which, used]): Step =>
      (given) =>
        given.end(which, used),
  ),
  process.map(
    (who): Step =>
      (given) =>
        given.lose(who),
  ),
);

test('200 sequences of reservations, ends and lost answers over three processes grant nothing twice', async () => {
  const play = async (sequence: readonly Step[]): Promise<void> => {
    const given = await world();
    for (const next of sequence) {
      await next(given);
      await given.agrees();
    }
    await given.left();
    await given.agrees();
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30 }), play), { numRuns: 200 });
});

test('a call that a hung server carries out late changes nothing', async () => {
  const boot = 'late';
  await postgres.query(
    "INSERT INTO boots (id, outbox, host, keeps_rows) VALUES ($1, 'o', 'h', true)",
    [boot],
  );
  const account = '["late",0]';
  const call = async (number: number, want: number) => {
    const wanted = {
      account,
      kind: 'gateway',
      name: '',
      start_ms: 0,
      end_ms: 1e15,
      accounts: [account],
      used: 0,
      want,
      most: 100,
    };
    return await postgres.query('SELECT * FROM smallfirst_lease($1, $2, $3)', [
      boot,
      number,
      JSON.stringify([wanted]),
    ]);
  };
  expect(await call(2, 50)).toMatchObject([{ own_nano: 50 }]);
  expect(await call(1, 10)).toEqual([]);
  expect(await postgres.query('SELECT granted FROM leases WHERE boot = $1', [boot])).toEqual([
    { granted: 50 },
  ]);
});
