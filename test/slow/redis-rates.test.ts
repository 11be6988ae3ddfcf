/** Limits that replicas share, on a real Redis: exact together, and each with its part while Redis is away. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { memoryRates } from '../../src/stores/memory/rates.ts';
import { redisLink } from '../../src/stores/redis/link.ts';
import { redisRates, type RedisRates } from '../../src/stores/redis/rates.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';

describe.skipIf(!hasRedis)('three replicas on one Redis', () => {
  let server: TestRedis;
  const open: { close(): void }[] = [];
  const nowMs = (): number => performance.now();

  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
  });
  afterAll(() => server.close());

  /** @param commandMs how long a request waits for Redis */
  async function start(commandMs: number): Promise<readonly RedisRates[]> {
    const links = [1, 2, 3].map(() => redisLink({ url: server.url, nowMs, commandMs }));
    open.push(...links);
    await expect.poll(() => links.some(({ isAlone }) => isAlone())).toBe(false);
    // The replicas of the test before.
    await links[0]!.redis.flushall();
    const replicas = links.map((link) => redisRates({ link, here: memoryRates(nowMs) }));
    open.push(...replicas);
    return replicas;
  }

  /** Whether all three see one bucket. */
  async function shares(replicas: readonly RedisRates[], bucket: string): Promise<boolean> {
    const name = `${bucket}-${Math.random()}`;
    const left: number[] = [];
    for (const each of replicas) left.push((await each.take(name, 10, 1)).remaining);
    return left.join() === '9,8,7';
  }

  test('share a bucket, and grant exactly the limit, whoever asks whom', async () => {
    const replicas = await start(60_000);
    await expect.poll(async () => await shares(replicas, 'warm')).toBe(true);
    const from = nowMs();
    const asked = Array.from(
      { length: 900 },
      async (_, at) => await replicas[at % 3]!.take('exact', 300, 1),
    );
    const granted = (await Promise.all(asked)).filter(({ isGranted }) => isGranted).length;
    // It fills by five a second meanwhile.
    expect(granted).toBeGreaterThanOrEqual(300);
    expect(granted).toBeLessThanOrEqual(301 + (nowMs() - from) / 200);
  });

  test('give back what was not used, and take what was used beyond', async () => {
    const [a, b] = await start(60_000);
    await a!.take('back', 60, 50);
    b!.give('back', 60, 40);
    await expect.poll(async () => (await a!.take('back', 60, 0)).remaining).toBeGreaterThan(45);
    b!.give('back', 60, -40);
    await expect.poll(async () => (await a!.take('back', 60, 0)).remaining).toBeLessThan(40);
    expect(await a!.take('back', 60, 61)).toMatchObject({
      isGranted: false,
      retryAfterMs: Infinity,
    });
  });

  test('go on with a part each while Redis hangs, and share again afterwards', async () => {
    const replicas = await start(500);
    await expect.poll(() => replicas[0]!.replicas()).toBe(3);
    process.kill(server.pid, 'SIGSTOP');
    const from = nowMs();
    const granted: boolean[] = [];
    for (let at = 0; at < 90; at += 1)
      granted.push((await replicas[0]!.take('hung', 90, 1)).isGranted);
    const tookMs = nowMs() - from;
    // One in a second and a half waits, not each of the ninety.
    expect(tookMs).toBeLessThan((90 * 500) / 2);
    const count = granted.filter(Boolean).length;
    expect(count).toBeGreaterThanOrEqual(30);
    expect(count).toBeLessThanOrEqual(31 + tookMs / 2000);
    process.kill(server.pid, 'SIGCONT');
    await expect.poll(async () => await shares(replicas, 'again')).toBe(true);
  });
});
