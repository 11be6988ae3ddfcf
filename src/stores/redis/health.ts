/** Whether the Redis that replicas share can be used: for `doctor`. Writes one key, which is gone after a second. */
import type { Redis } from 'ioredis';
import type { StateHealth } from '../state-health.ts';
import { redisLink } from './link.ts';

/** Milliseconds for connecting, and for the answer. */
const PATIENCE_MS = 2000;

/** Never rejects. The words have neither user nor password of the URL. */
export async function redisHealth(url: string): Promise<StateHealth> {
  const { host } = new URL(url);
  const link = redisLink({ url, nowMs: () => performance.now(), commandMs: PATIENCE_MS });
  try {
    await connected(link.redis);
    await link.redis.set('smallfirst:doctor', '1', 'PX', 1000);
    return { verdict: 'ok', words: `Redis at ${host} takes writes` };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it gives no reason';
    return {
      verdict: 'fail',
      words: `Redis at ${host} cannot be used (${why}): each replica would count limits alone; start it, or correct shared.redis`,
    };
  } finally {
    link.close();
  }
}

function connected(redis: Redis): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = setTimeout(reject, PATIENCE_MS, new Error('it does not answer'));
  redis.once('ready', resolve).once('error', reject);
  return promise.finally(() => clearTimeout(late));
}
