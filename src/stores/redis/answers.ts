/** Answers that replicas share, on Redis. */
import { MOST_ANSWER_BYTES, type KeptAnswers } from '../../core/kept-answers.ts';
import type { MemoryAnswers } from '../memory/answers.ts';
import type { RedisLink } from './link.ts';

const nameOf = (key: string): string => `smallfirst:answer:${key}`;

const missing = (): undefined => undefined;

/** What is `here` already is not asked for; without it everything is. */
export function redisAnswers(link: RedisLink, here?: MemoryAnswers): KeptAnswers {
  return {
    get: (key) => {
      const own = here?.get(key);
      if (own !== undefined || link.isAlone()) return own;
      return link
        .ask((redis) => redis.getBuffer(nameOf(key)))
        .then((bytes) => bytes ?? undefined, missing);
    },
    set: (key, bytes, ttlMs) => {
      here?.set(key, bytes, ttlMs);
      if (bytes.length > 2 * MOST_ANSWER_BYTES || link.isAlone()) return;
      const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      link.ask((redis) => redis.set(nameOf(key), value, 'PX', Math.ceil(ttlMs))).catch(() => {});
    },
    delete: (key) => {
      here?.delete(key);
      if (!link.isAlone()) link.ask((redis) => redis.del(nameOf(key))).catch(() => {});
    },
  };
}
