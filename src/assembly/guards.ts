/** Limits and idempotency: what keeps a loop and a retry from costing twice. */
import type { Config } from '../config/config.ts';
import { createIdempotency, type Idempotency } from '../http/idempotency.ts';
import { createRateLimiter, type RateLimiter } from '../http/rate-limiter.ts';
import type { ByteBudget } from '../lib/byte-budget.ts';
import type { Stores } from '../stores/open.ts';

export interface Guards {
  readonly limiter: RateLimiter;
  readonly idempotency: Idempotency;
}

export function createGuards(
  { idempotency }: Config,
  { rates, claims, replays, replicas }: Stores,
  memory: ByteBudget,
  workers?: number,
): Guards {
  const { lingerMs } = idempotency;
  return {
    limiter: createRateLimiter(rates, () => Math.max(workers ?? 1, replicas())),
    idempotency: createIdempotency({ claims, replays, lingerMs, epochMs: Date.now, memory }),
  };
}
