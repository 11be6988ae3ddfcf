/** Limits and idempotency: what keeps a loop and a retry from costing twice. */
import type { Config } from '../config/config.ts';
import { createIdempotency, type Idempotency } from '../http/answer/idempotency.ts';
import { createRateLimiter, type RateLimiter } from '../http/callers/rate-limiter.ts';
import type { ByteBudget } from '../lib/byte-budget.ts';
import type { Stores } from '../stores/open.ts';

export interface Guards {
  readonly limiter: RateLimiter;
  readonly idempotency: Idempotency;
}

export function createGuards(
  { idempotency }: Config,
  { rates, places, claims, replays, replicas }: Stores,
  memory: ByteBudget,
  workers = 1,
): Guards {
  const { lingerMs } = idempotency;
  return {
    // These workers are among the processes that share the store, and have places in common.
    limiter: createRateLimiter(rates, places, () => Math.max(1, replicas() / workers)),
    idempotency: createIdempotency({ claims, replays, lingerMs, epochMs: Date.now, memory }),
  };
}
