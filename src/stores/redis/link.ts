/** The Redis that replicas share. Losing it harms nothing: whoever asks it has an answer of its own for that. */
import { Redis } from 'ioredis';

export interface RedisLink {
  readonly redis: Redis;
  /** It is not there, or did not answer a moment ago. */
  isAlone(): boolean;
  /** Its answer. If there is none, this process does without Redis for a while, so that not every request waits. */
  ask<T>(question: (redis: Redis) => Promise<T>): Promise<T>;
  /** Why it cannot be used, or could not within the last minute. */
  problem(): string | undefined;
  close(): void;
}

interface RedisOptions {
  readonly url: string;
  /** Called with the reason when it begins to fail, and with undefined when it has worked for a minute. */
  readonly onProblem?: ((problem: string | undefined) => void) | undefined;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
  /** How long a request waits for it. */
  readonly commandMs?: number;
}

/** A request waits no longer for it, and then nobody asks it for so long. */
const COMMAND_MS = 50;
const ALONE_MS = 1000;
/** One that takes no writes answers reads: a success within this time says nothing. */
const PROBLEM_MS = 60_000;

export function redisLink({
  url,
  nowMs,
  commandMs = COMMAND_MS,
  onProblem = () => {},
}: RedisOptions): RedisLink {
  const redis = new Redis(url, {
    commandTimeout: commandMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2000),
  });
  let aloneUntilMs = -Infinity;
  let failed: { readonly words: string; readonly untilMs: number } | undefined;
  const fails = (error: unknown): void => {
    const words = error instanceof Error ? error.message || error.name : String(error);
    if (failed === undefined) onProblem(words);
    failed = { words, untilMs: nowMs() + PROBLEM_MS };
  };
  const works = (): void => {
    if (failed === undefined || nowMs() < failed.untilMs) return;
    failed = undefined;
    onProblem(undefined);
  };
  // Without a listener the process would end.
  redis.on('error', fails);
  return {
    redis,
    isAlone: () => redis.status !== 'ready' || nowMs() < aloneUntilMs,
    ask: async (question) => {
      try {
        const answer = await question(redis);
        works();
        return answer;
      } catch (error) {
        aloneUntilMs = nowMs() + ALONE_MS;
        fails(error);
        throw error;
      }
    },
    problem: () => failed?.words,
    close: () => redis.disconnect(),
  };
}
