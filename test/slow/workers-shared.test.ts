/** Limits and breakers are one truth, however many workers there are. */
import { afterEach, expect, test } from 'vitest';
import { mark } from '../support/mock-upstream.ts';
import {
  ADMIN_KEY,
  askAnew,
  BOT_KEY,
  chat,
  workersWorld,
  type WorkersWorld,
} from '../support/workers-world.ts';

let world: WorkersWorld;
afterEach(async () => await world.close());

const HANG = mark({ kind: 'hang' });
const WORKERS = 3;

/** An upstream of its own with this limit. */
const limitedTo =
  (concurrent: number) =>
  ({ local }: { readonly local: string }): string =>
    `  - { name: few, kind: openai, locality: local, url: ${local}, model: slm, limits: { concurrent: ${concurrent} } }`;

/** Requests that stay under way until they are let go; each that is refused is counted by its status. */
function crowd(headers: Readonly<Record<string, string>> = {}) {
  const over = new AbortController();
  const statuses: number[] = [];
  const asked: Promise<unknown>[] = [];
  const one = async (model: string, each: number): Promise<void> => {
    const answer = await fetch(`${world.gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(chat(model, `${HANG} ${each}`)),
      signal: over.signal,
    });
    await answer.text();
    statuses.push(answer.status);
  };
  const ask = (model: string, count: number): void => {
    for (let each = 0; each < count; each += 1) asked.push(one(model, each).catch(() => undefined));
  };
  const end = async (): Promise<void> => {
    over.abort();
    await Promise.all(asked);
  };
  return { ask, end, statuses };
}

/** Those of a crowd, beside the probes of the workers. */
const arrived = () =>
  world.local.requests.filter(({ body }) => JSON.stringify(body ?? {}).includes('hang'));
const underWay = (): number => arrived().filter(({ aborted }) => !aborted).length;

test.each([6, 2])('an upstream has at most its %i requests at once, and as many', async (limit) => {
  world = await workersWorld(limitedTo(limit), WORKERS);
  const first = crowd();
  first.ask('few/slm', 24);
  // All others are refused: no worker keeps back what another one could use.
  await expect.poll(() => first.statuses.length).toBe(24 - limit);
  await expect.poll(underWay).toBe(limit);
  expect(new Set(first.statuses)).toEqual(new Set([429]));
  // A worker that dies takes no place with it.
  const [killed] = await world.workers();
  process.kill(killed!, 'SIGKILL');
  await expect.poll(async () => (await world.workers()).includes(killed!)).toBe(false);
  await first.end();
  await expect.poll(underWay).toBe(0);
  const again = crowd();
  let asked = 0;
  const filled = async (): Promise<number> => {
    again.ask('few/slm', 4);
    asked += 4;
    await expect.poll(() => again.statuses.length + underWay()).toBe(asked);
    return underWay();
  };
  await expect.poll(filled).toBe(limit);
  await again.end();
  expect(await world.gateway.stop()).toBe(0);
});

test('a key has at most its requests at once', async () => {
  world = await workersWorld(
    `auth: { mode: keys, adminKey: \${ADMIN_KEY}, keys: [{ name: bot, key: \${BOT_KEY}, limits: { concurrent: 3 } }] }`,
    WORKERS,
  );
  const bots = crowd({ authorization: `Bearer ${BOT_KEY}` });
  bots.ask('local/slm', 20);
  await expect.poll(() => bots.statuses.length).toBe(17);
  await expect.poll(underWay).toBe(3);
  expect(new Set(bots.statuses)).toEqual(new Set([429]));
  await bots.end();
  expect(await world.gateway.stop()).toBe(0);
});

test('of an upstream that fails one request of all workers tries whether it works again', async () => {
  world = await workersWorld('', WORKERS);
  const FAIL = mark({ kind: 'error', status: 500 });
  let questions = 0;
  const failed = async (): Promise<boolean> => {
    const statuses = await Promise.all(
      Array.from({ length: WORKERS }, async () => {
        questions += 1;
        return (await askAnew(world.gateway, chat('local/slm', `${FAIL} ${questions}`))).status;
      }),
    );
    return statuses.every((status) => status === 503);
  };
  // Open for all: none is even asked.
  await expect.poll(failed).toBe(true);
  const begunMs = performance.now();
  const trying = crowd();
  const tried = async (): Promise<number> => {
    trying.ask('local/slm', 2 * WORKERS);
    await expect.poll(() => trying.statuses.length).toBeGreaterThan(0);
    return arrived().length;
  };
  await expect.poll(tried).toBeGreaterThan(0);
  // One every five seconds where nothing else can answer.
  const most = 1 + Math.floor((performance.now() - begunMs) / 5000);
  expect(arrived().length).toBeLessThanOrEqual(most);
  await trying.end();
  expect(await world.gateway.stop()).toBe(0);
});

test('the joules of all workers are no more than the machine drew', async () => {
  const beganMs = performance.now();
  world = await workersWorld(
    'energy: { meter: fixed, fixedWatts: 60, idleWatts: 10, upstreams: [local] }',
    WORKERS,
  );
  const idle = async (): Promise<number> =>
    await world.metric('smallfirst_energy_idle_joules_total');
  await expect.poll(idle).toBeGreaterThan(0);
  const crowded = crowd();
  const askedMs = performance.now();
  crowded.ask('local/slm', 3 * WORKERS);
  await expect.poll(underWay).toBe(3 * WORKERS);
  // Four seconds of what it draws at rest: long beside the moment until workers hear of each other.
  const before = await idle();
  await expect.poll(idle).toBeGreaterThan(before + 40);
  await crowded.end();
  const bound = 'bound="high"';
  const charged = async (): Promise<number> =>
    await world.metric('smallfirst_energy_joules_total', bound);
  await expect.poll(charged).toBeGreaterThan(0);
  // 50 W above what it draws at rest; three times that where each worker takes all for itself.
  expect(await charged()).toBeLessThan((1.5 * 50 * (performance.now() - askedMs)) / 1000);
  expect(await idle()).toBeLessThan((10 * (performance.now() - beganMs)) / 1000);
  expect(await world.gateway.stop()).toBe(0);
});

test('a key that is made, and one that is revoked, holds for all workers at once', async () => {
  world = await workersWorld(`auth: { mode: keys, adminKey: \${ADMIN_KEY} }`, WORKERS);
  const admin = { authorization: `Bearer ${ADMIN_KEY}` };
  const json = { ...admin, 'content-type': 'application/json' };
  const made = await fetch(`${world.gateway.url}/admin/keys`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ name: 'ann' }),
  });
  expect(made.status).toBe(201);
  const { secret } = (await made.json()) as { readonly secret: string };
  const statuses = async (): Promise<Set<number>> => {
    const asked = Array.from({ length: 3 * WORKERS }, () =>
      askAnew(world.gateway, chat('local/slm'), undefined, { authorization: `Bearer ${secret}` }),
    );
    return new Set((await Promise.all(asked)).map(({ status }) => status));
  };
  expect(await statuses()).toEqual(new Set([200]));
  const gone = await fetch(`${world.gateway.url}/admin/keys/ann`, {
    method: 'DELETE',
    headers: admin,
  });
  expect(gone.ok).toBe(true);
  expect(await statuses()).toEqual(new Set([401]));
  expect(await world.gateway.stop()).toBe(0);
});
