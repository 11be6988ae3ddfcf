/** Row F27: threads of the gateway end while requests are answered: the ledger's, the forwarder's to Postgres, the deep judge's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import type * as Beside from '../../src/lib/worker-beside.ts';
import { secret } from '../../src/lib/secret.ts';
import { openStores } from '../../src/stores/open.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';
import { postgresOfFile } from '../support/postgres.ts';

/** By the folder of their file. */
const threads = new Map<string, Worker[]>();
vi.mock('../../src/lib/worker-beside.ts', async (original) => {
  const { workerBeside } = await original<typeof Beside>();
  return {
    workerBeside: (...given: Parameters<typeof workerBeside>): Worker => {
      const worker = workerBeside(...given);
      const folder = basename(dirname(given[0]));
      threads.set(folder, [...(threads.get(folder) ?? []), worker]);
      return worker;
    },
  };
});

const kill = async (folder: string): Promise<void> => {
  await Promise.all((threads.get(folder) ?? []).map((one) => one.terminate()));
};

const text = async ({ gateway }: WholeGateway, path: string): Promise<string> =>
  await (await fetch(gateway.url + path)).text();

const restartsOf = async (whole: WholeGateway, thread: string): Promise<number> =>
  Number(
    new RegExp(`^smallfirst_thread_restarts_total\\{thread="${thread}"\\} (\\d+)$`, 'm').exec(
      await text(whole, '/metrics'),
    )?.[1],
  );

const nothingQueued = async (whole: WholeGateway): Promise<void> =>
  await expect.poll(() => text(whole, '/metrics')).toMatch(/^smallfirst_ledger_queue 0$/m);

const ROUNDS = 4;
const REQUESTS = 25;

test('the ledger: requests are answered, it is started again, and every row is there once', async () => {
  const whole = await startTestGateway({
    store: 'sqlite',
    cloudMore: ', price: { inputUsdPerMillion: 1, outputUsdPerMillion: 2 }',
  });
  let paid = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const asked = Array.from({ length: REQUESTS }, async (_, at) => {
      const model = at % 2 === 0 ? 'small' : 'large';
      const answer = await whole.chat(`${round} ${at}`, { model });
      await answer.text();
      // A paid call whose intent is not kept within two seconds is refused.
      if (model === 'small') expect(answer.status).toBe(200);
      else expect([200, 503]).toContain(answer.status);
      if (model === 'large' && answer.status === 200) paid += 1;
    });
    await kill('sqlite');
    await Promise.all(asked);
    await nothingQueued(whole);
  }
  const restarts = await restartsOf(whole, 'ledger');
  expect(restarts).toBeGreaterThanOrEqual(ROUNDS);
  expect(await text(whole, '/metrics')).toMatch(/^smallfirst_ledger_dropped_total 0$/m);
  expect(await text(whole, '/readyz')).toContain(`started again: ledger ${restarts}, see the log`);
  await whole.gateway.close();
  const db = new DatabaseSync(join(whole.folder, 'state.db'), { readOnly: true });
  const count = (sql: string): unknown => db.prepare(sql).get()?.['n'];
  expect(count('SELECT count(*) AS n FROM records')).toBe(ROUNDS * REQUESTS);
  expect(count("SELECT count(*) AS n FROM attempts WHERE state = 'settled'")).toBe(paid);
  expect(count("SELECT count(*) AS n FROM attempts WHERE state IN ('open', 'unknown')")).toBe(0);
  db.close();
  await whole.close();
});

const postgres = postgresOfFile();

test('the forwarder: requests are answered, it is started again, and every row is in Postgres once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-threads-'));
  const url = await postgres.database();
  const problems: (string | undefined)[] = [];
  const stores = await openStores(
    { kind: 'postgres', url: secret(url), outbox: join(folder, 'outbox.db') },
    { nowMs: () => performance.now(), onLedgerProblem: (problem) => problems.push(problem) },
  );
  const whole = await startTestGateway({ stores });
  const records = async (): Promise<unknown> =>
    (await postgres.rows(url, 'SELECT count(*)::int AS n FROM records'))[0]?.['n'];
  for (let round = 0; round < ROUNDS; round += 1) {
    const asked = Array.from({ length: REQUESTS }, (_, at) =>
      whole.chat(`${round} ${at}`, { model: 'small' }),
    );
    await kill('postgres');
    for (const answer of await Promise.all(asked)) {
      expect(answer.status).toBe(200);
      await answer.text();
    }
    await expect.poll(records).toBe((round + 1) * REQUESTS);
  }
  const restarts = await restartsOf(whole, 'forwarder');
  expect(restarts).toBe(ROUNDS);
  expect(await text(whole, '/readyz')).toContain(`forwarder ${restarts}, see the log`);
  expect(problems[0]).toContain('The thread that forwards to Postgres ended');
  expect(problems.at(-1)).toBeUndefined();
  await whole.close();
  rmSync(folder, { recursive: true });
});

test('the deep judge: requests are answered by the fast one, and by the deep one when it is there again', async () => {
  const whole = await startTestGateway({ config: 'judge: { deep: always, deadlineMs: 1000 }' });
  let asked = 0;
  const ask = async (): Promise<void> => {
    const answer = await whole.chat(`Why is the sky blue at ${(asked += 1)} o'clock?`);
    expect(answer.status).toBe(200);
    await answer.text();
  };
  const answered = async (): Promise<number> => {
    await ask();
    return Number(
      /^smallfirst_judge_deep_total\{result="answered"\} (\d+)$/m.exec(
        await text(whole, '/metrics'),
      )?.[1] ?? 0,
    );
  };
  await expect.poll(answered).toBeGreaterThan(0);
  await kill('encoder');
  const before = await answered();
  expect(await restartsOf(whole, 'deep_judge')).toBe(1);
  expect(whole.said.join('\n')).toContain('judged by the fast judge alone until');
  await expect.poll(answered).toBeGreaterThan(before);
  expect(await text(whole, '/readyz')).toContain('deep_judge 1, see the log');
  await whole.close();
});
