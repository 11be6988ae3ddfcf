/** Several workers are one gateway: its books add up, and neither a death nor a replacement refuses anybody. */
import { afterEach, expect, test } from 'vitest';
import {
  ANSWER_NANO_USD,
  askAnew,
  chat,
  workersWorld,
  type WorkersWorld,
} from '../support/workers-world.ts';

let world: WorkersWorld;
afterEach(async () => await world.close());

const count = (sql: string): number => Number(world.rows(sql)[0]?.['n']);

/** Asks until `over`, `width` at once, each over a connection of its own. */
async function askUntil(over: AbortSignal, width: number, model: string) {
  const statuses: number[] = [];
  const broken: string[] = [];
  const lane = async (): Promise<void> => {
    while (!over.aborted) {
      await askAnew(world.gateway, chat(model)).then(
        ({ status }) => statuses.push(status),
        (error: unknown) => broken.push(String(error)),
      );
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return { statuses, broken };
}

test('requests, rows and metrics are the same number, whoever answered', async () => {
  world = await workersWorld();
  const asked = Array.from({ length: 60 }, (_, at) =>
    askAnew(world.gateway, chat(at % 2 === 0 ? 'local/slm' : `cloud/m-${at}`)),
  );
  expect(new Set((await Promise.all(asked)).map(({ status }) => status))).toEqual(new Set([200]));
  expect(await world.metric('smallfirst_requests_total')).toBe(60);
  expect(await world.metric('smallfirst_request_duration_seconds_count')).toBe(60);
  expect(await world.metric('smallfirst_cost_usd_total', 'upstream="cloud"')).toBeCloseTo(
    (30 * ANSWER_NANO_USD) / 1e9,
    12,
  );
  expect(await world.metric('smallfirst_build_info')).toBe(1);
  expect(await world.workers()).toHaveLength(2);
  expect(await world.gateway.stop()).toBe(0);
  expect(count('SELECT count(*) AS n FROM records')).toBe(60);
  expect(count("SELECT count(*) AS n FROM attempts WHERE state = 'settled'")).toBe(30);
});

test('400 requests at once spend no more than a budget for 100', async () => {
  const limit = 100 * ANSWER_NANO_USD + 210_000;
  world = await workersWorld(`budgets: [{ name: shared, usd: ${limit / 1e9}, per: all }]`);
  const asked = Array.from({ length: 400 }, (_, at) =>
    askAnew(world.gateway, chat(`cloud/m-${at}`)),
  );
  const statuses = (await Promise.all(asked)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect(await world.gateway.stop()).toBe(0);
  const spent = count('SELECT sum(used_nano_usd) AS n FROM attempts');
  expect(spent).toBe(statuses.filter((status) => status === 200).length * ANSWER_NANO_USD);
  expect(spent).toBeLessThanOrEqual(limit);
});

test('a worker that is killed takes no record of a paid answer with it, and others answer meanwhile', async () => {
  world = await workersWorld();
  const over = new AbortController();
  const asking = askUntil(over.signal, 8, 'cloud/m');
  const [first] = await world.workers();
  await expect.poll(() => world.cloud.requests.length).toBeGreaterThan(100);
  process.kill(first!, 'SIGKILL');
  const before = world.cloud.requests.length;
  await expect.poll(() => world.cloud.requests.length).toBeGreaterThan(before + 100);
  await expect.poll(async () => (await world.workers()).length, { timeout: 30_000 }).toBe(2);
  over.abort();
  const { statuses, broken } = await asking;
  expect(new Set(statuses)).toEqual(new Set([200]));
  // What the killed one had under way, and nothing else.
  expect(broken.length).toBeLessThanOrEqual(8);
  expect(broken.filter((words) => words.includes('ECONNREFUSED'))).toEqual([]);
  const seen = await world.metric('smallfirst_requests_total');
  expect(seen).toBeLessThanOrEqual(statuses.length + broken.length);
  expect(await world.gateway.stop()).toBe(0);
  const attempts = count('SELECT count(*) AS n FROM attempts');
  expect(attempts).toBeGreaterThanOrEqual(statuses.length);
  const paid = world.cloud.requests.filter(({ body }) => body['model'] === 'm');
  expect(attempts).toBeGreaterThanOrEqual(paid.length);
});

test('a rolling reload under load refuses and cuts nobody', async () => {
  world = await workersWorld();
  const before = await world.workers();
  const over = new AbortController();
  const fresh = askUntil(over.signal, 4, 'local/slm');
  const kept: number[] = [];
  const keptAlive = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const answer = await fetch(`${world.gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(chat('local/slm')),
      });
      await answer.text();
      kept.push(answer.status);
    }
  };
  const keeping = Promise.all([keptAlive(), keptAlive(), keptAlive(), keptAlive()]);
  await expect.poll(() => world.local.requests.length).toBeGreaterThan(50);
  process.kill(world.gateway.pid, 'SIGHUP');
  const replaced = async (): Promise<boolean> => {
    const now = await world.workers();
    return now.length === 2 && !now.some((pid) => before.includes(pid));
  };
  await expect.poll(replaced, { timeout: 60_000 }).toBe(true);
  over.abort();
  await keeping;
  const { statuses, broken } = await fresh;
  expect(broken).toEqual([]);
  expect(new Set([...statuses, ...kept])).toEqual(new Set([200]));
  // Nothing that was counted is forgotten with who counted it.
  expect(await world.metric('smallfirst_requests_total')).toBe(statuses.length + kept.length);
  expect(await world.gateway.stop()).toBe(0);
  expect(count('SELECT count(*) AS n FROM records')).toBe(statuses.length + kept.length);
});
