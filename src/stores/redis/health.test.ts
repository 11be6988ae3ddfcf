import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../test/support/gateway-process.ts';
import { hasRedis, startRedis } from '../../../test/support/redis.ts';
import { redisHealth } from './health.ts';

test('one that is not there fails, and its password is not said', async () => {
  const found = await redisHealth(`redis://ana:zebra@127.0.0.1:${await freePort()}`);
  expect(found.verdict).toBe('fail');
  expect(found.words).toMatch(/^Redis at 127\.0\.0\.1:\d+ cannot be used \(.*ECONNREFUSED/);
  expect(found.words).not.toContain('zebra');
});

test.skipIf(!hasRedis).each([
  ['takes writes', [], 'ok', 'takes writes'],
  ['wants a password', ['--requirepass', 'zebra'], 'fail', 'NOAUTH'],
  ['takes no writes', ['--replicaof', '127.0.0.1 9'], 'fail', 'READONLY'],
])('one that %s', async (_, more, verdict, words) => {
  const redis = await startRedis(...more);
  onTestFinished(redis.close);
  expect(await redisHealth(redis.url)).toEqual({
    verdict,
    words: expect.stringContaining(words) as string,
  });
});
