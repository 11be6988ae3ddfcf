/** The Redis that replicas share. Losing it harms nothing: whoever asks it has an answer of its own for that. */
import { Redis } from 'ioredis';

export interface RedisLink {
  readonly redis: Redis;
  /** It is not there, or did not answer a moment ago. */
  isAlone(): boolean;
  /** Its answer. If there is none, this process does without Redis for a while, so that not every request waits. */
  ask<T>(question: (redis: Redis) => Promise<T>): Promise<T>;
  close(): void;
}

interface RedisOptions {
  readonly url: string;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
  /** How long a request waits for it. */
  readonly commandMs?: number;
}

/** A request waits no longer for it, and then nobody asks it for so long. */
const COMMAND_MS = 50;
const ALONE_MS = 1000;

export function redisLink({ url, nowMs, commandMs = COMMAND_MS }: RedisOptions): RedisLink {
  const redis = new Redis(url, {
    commandTimeout: commandMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2000),
  });
  // Without a listener the process would end.
  redis.on('error', () => {});
  let aloneUntilMs = -Infinity;
  return {
    redis,
    isAlone: () => redis.status !== 'ready' || nowMs() < aloneUntilMs,
    ask: async (question) => {
      try {
        return await question(redis);
      } catch (error) {
        aloneUntilMs = nowMs() + ALONE_MS;
        throw error;
      }
    },
    close: () => redis.disconnect(),
  };
}
