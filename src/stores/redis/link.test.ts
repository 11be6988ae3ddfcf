import { expect, test } from 'vitest';
import { freePort } from '../../../test/support/gateway-process.ts';
import { redisLink } from './link.ts';

test('a Redis that is not there is said once, with the reason', async () => {
  const said: (string | undefined)[] = [];
  const first = Promise.withResolvers<void>();
  const link = redisLink({
    url: `redis://127.0.0.1:${await freePort()}`,
    nowMs: () => 0,
    onProblem: (problem) => {
      said.push(problem);
      first.resolve();
    },
  });
  expect(link.problem()).toBeUndefined();
  await first.promise;
  expect(link.problem()).toContain('ECONNREFUSED');
  expect(link.isAlone()).toBe(true);
  await expect(link.ask((redis) => redis.get('a'))).rejects.toThrow();
  link.close();
  expect(said).toEqual([expect.stringContaining('ECONNREFUSED')]);
});
