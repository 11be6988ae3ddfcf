/** Limits that replicas share, on a real Redis: exact together, and each with its part while Redis is away. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryRates } from '../../src/stores/memory-rates.ts';
import { redisLink, type RedisLink } from '../../src/stores/redis-link.ts';
import { redisRates, type RedisRates } from '../../src/stores/redis-rates.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';

describe.skipIf(!hasRedis)('three replicas on one Redis', () => {
  let server: TestRedis;
  const replicas: RedisRates[] = [];
  const links: RedisLink[] = [];
  const nowMs = (): number => performance.now();

  beforeAll(async () => {
    server = await startRedis();
    for (let each = 0; each < 3; each += 1) {
      const link = redisLink({ url: server.url, nowMs, commandMs: 500 });
      links.push(link);
      replicas.push(redisRates({ link, here: memoryRates(nowMs) }));
    }
  });
  afterAll(() => {
    for (const each of [...replicas, ...links]) each.close();
    server.close();
  });

  /** Whether all three see one bucket. */
  async function shares(bucket: string): Promise<boolean> {
    const name = `${bucket}-${Math.random()}`;
    const left: number[] = [];
    for (const each of replicas) left.push((await each.take(name, 10, 1)).remaining);
    return left.join() === '9,8,7';
  }

  test('share a bucket, and grant exactly the limit, whoever asks whom', async () => {
    await expect.poll(async () => await shares('warm')).toBe(true);
    const asked = Array.from(
      { length: 900 },
      async (_, at) => await replicas[at % 3]!.take('exact', 300, 1),
    );
    const granted = (await Promise.all(asked)).filter(({ isGranted }) => isGranted).length;
    // It fills by five a second meanwhile.
    expect(granted).toBeGreaterThanOrEqual(300);
    expect(granted).toBeLessThanOrEqual(303);
  });

  test('give back what was not used, and take what was used beyond', async () => {
    const [a, b] = replicas;
    await a!.take('back', 60, 50);
    b!.give('back', 60, 40);
    await expect.poll(async () => (await a!.take('back', 60, 0)).remaining).toBeGreaterThan(45);
    b!.give('back', 60, -40);
    await expect.poll(async () => (await a!.take('back', 60, 0)).remaining).toBeLessThan(15);
    expect(await a!.take('back', 60, 61)).toMatchObject({
      isGranted: false,
      retryAfterMs: Infinity,
    });
  });

  test('go on with a part each while Redis hangs, and share again afterwards', async () => {
    await expect.poll(() => replicas[0]!.replicas(), { timeout: 10_000 }).toBe(3);
    process.kill(server.pid, 'SIGSTOP');
    const from = performance.now();
    const granted: boolean[] = [];
    for (let at = 0; at < 90; at += 1)
      granted.push((await replicas[0]!.take('hung', 90, 1)).isGranted);
    expect(performance.now() - from).toBeLessThan(1500);
    const count = granted.filter(Boolean).length;
    expect(count).toBeGreaterThanOrEqual(30);
    expect(count).toBeLessThanOrEqual(32);
    process.kill(server.pid, 'SIGCONT');
    await wait(0);
    await expect.poll(async () => await shares('again'), { timeout: 10_000 }).toBe(true);
  });
});
