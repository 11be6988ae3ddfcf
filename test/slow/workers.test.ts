/** Several workers are one gateway: its books add up, and neither a death nor a replacement refuses anybody. */
import { afterEach, expect, test, vi } from 'vitest';
import { ANSWER_NANO_USD } from '../support/paid-cloud.ts';
import {
  BOT_KEY,
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
  // A worker that is too busy to say at once what it counted is shown by what it said last.
  await expect.poll(() => world.metric('smallfirst_requests_total')).toBe(60);
  await expect.poll(() => world.metric('smallfirst_request_duration_seconds_count')).toBe(60);
  await expect
    .poll(() => world.metric('smallfirst_cost_usd_total', 'upstream="cloud"'))
    .toBeCloseTo((30 * ANSWER_NANO_USD) / 1e9, 12);
  await expect.poll(() => world.metric('smallfirst_build_info')).toBe(1);
  expect(await world.workers()).toHaveLength(2);
  expect(await world.gateway.stop()).toBe(0);
  expect(count('SELECT count(*) AS n FROM records')).toBe(60);
  expect(count("SELECT count(*) AS n FROM attempts WHERE state = 'settled'")).toBe(30);
});

test('400 requests at once spend no more than a budget for 100', async () => {
  const limit = 100 * ANSWER_NANO_USD + 210_000;
  world = await workersWorld(`budgets: [{ name: shared, usd: ${limit / 1e9}, per: all }]`);
  const statuses: number[] = [];
  const ask = async (at: number): Promise<number> => {
    const { status } = await askAnew(world.gateway, chat(`cloud/m-${at}`));
    statuses.push(status);
    return status;
  };
  await Promise.all(Array.from({ length: 400 }, (_, at) => ask(at)));
  await expect.poll(() => ask(statuses.length)).toBe(429);
  // 503: what a busy machine cannot write down in two seconds is not asked for.
  expect(statuses.filter((status) => ![200, 429, 503].includes(status))).toEqual([]);
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
  await expect.poll(async () => (await world.workers()).length).toBe(2);
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

test('workers that are killed under load lose no record of what they answered, local answers included', async () => {
  world = await workersWorld();
  const over = new AbortController();
  const answered: string[] = [];
  const lane = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const asked = askAnew(world.gateway, chat('local/slm')).catch(() => undefined);
      const answer = await asked;
      if (answer?.status === 200) answered.push(answer.requestId);
    }
  };
  const asking = Promise.all(Array.from({ length: 16 }, lane));
  for (let kills = 0; kills < 5; kills += 1) {
    const before = answered.length;
    await expect.poll(() => answered.length).toBeGreaterThan(before + 100);
    const [one] = await world.workers();
    process.kill(one!, 'SIGKILL');
    await expect.poll(async () => (await world.workers()).includes(one!)).toBe(false);
    await expect.poll(async () => (await world.workers()).length).toBe(2);
  }
  over.abort();
  await asking;
  expect(await world.gateway.stop()).toBe(0);
  const rows = new Set(world.rows('SELECT id FROM records').map(({ id }) => id));
  expect(answered.filter((id) => !rows.has(id))).toEqual([]);
  expect(world.journals()).toEqual([]);
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
  await expect.poll(replaced).toBe(true);
  over.abort();
  await keeping;
  const { statuses, broken } = await fresh;
  expect(broken).toEqual([]);
  expect(new Set([...statuses, ...kept])).toEqual(new Set([200]));
  // Nothing that was counted is forgotten with who counted it.
  await expect
    .poll(() => world.metric('smallfirst_requests_total'))
    .toBe(statuses.length + kept.length);
  expect(await world.gateway.stop()).toBe(0);
  expect(count('SELECT count(*) AS n FROM records')).toBe(statuses.length + kept.length);
});

test('what one worker keeps the others know: responses, limits, retries', async () => {
  world = await workersWorld();
  const first = await askAnew(
    world.gateway,
    { model: 'local/slm', input: 'my number is seven', store: true },
    '/v1/responses',
  );
  const id = /"id":\s*"(resp_[^"]+)"/.exec(first.text)?.[1];
  const follow = async (): Promise<number> => {
    const asked = { model: 'local/slm', input: 'which number?', previous_response_id: id };
    return (await askAnew(world.gateway, asked, '/v1/responses')).status;
  };
  // Who was not told in time by a busy machine says so, and is asked again.
  for (let at = 0; at < 8; at += 1) {
    const statuses: number[] = [];
    await expect.poll(async () => statuses.push(await follow()) && statuses.at(-1)).toBe(200);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  }
  const calls = world.local.requests.filter(({ body }) => JSON.stringify(body).includes('which'));
  expect(calls.every(({ body }) => JSON.stringify(body).includes('my number is seven'))).toBe(true);
  // Asked again under its key, whoever is asked: one call, one answer.
  const again = { 'idempotency-key': 'once-only' };
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => askAnew(world.gateway, chat('cloud/m'), undefined, again)),
  );
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(world.cloud.requests.filter(({ body }) => body['model'] === 'm')).toHaveLength(1);
  expect(await world.gateway.stop()).toBe(0);
});

test('a limit of a key holds over all workers', async () => {
  world = await workersWorld(
    `auth: { mode: keys, adminKey: \${ADMIN_KEY}, keys: [{ name: bot, key: \${BOT_KEY}, limits: { requestsPerMinute: 20 } }] }`,
  );
  const bot = { authorization: `Bearer ${BOT_KEY}` };
  const begun = performance.now();
  let granted = 0;
  for (let at = 0; at < 60; at += 1) {
    const { status } = await askAnew(world.gateway, chat('local/slm'), undefined, bot);
    if (status === 200) granted += 1;
  }
  // A bucket holds a minute's worth, and fills by one every three seconds.
  expect(granted).toBeGreaterThanOrEqual(20);
  expect(granted).toBeLessThanOrEqual(21 + (performance.now() - begun) / 3000);
  expect(await world.gateway.stop()).toBe(0);
});

test('a page shows the requests of all workers as they end', async () => {
  world = await workersWorld();
  const page = new AbortController();
  const events = await fetch(`${world.gateway.url}/admin/events`, { signal: page.signal });
  let told = '';
  const reading = (async () => {
    for await (const chunk of events.body!) told += Buffer.from(chunk).toString();
  })().catch(() => undefined);
  const shown = (): number => new Set(told.match(/req_[\w-]+/g)).size;
  const ask = async (): Promise<unknown> =>
    await Promise.all(Array.from({ length: 8 }, () => askAnew(world.gateway, chat('local/slm'))));
  // The others learn that somebody looks a moment after the page was opened.
  const both = async (): Promise<boolean> => {
    const before = shown();
    await ask();
    return await vi.waitUntil(() => shown() >= before + 8, { timeout: 2000 }).catch(() => false);
  };
  await expect.poll(both).toBe(true);
  page.abort();
  await reading;
  expect(await world.gateway.stop()).toBe(0);
});
