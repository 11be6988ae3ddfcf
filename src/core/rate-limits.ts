/** Limits of how often and how much a key may ask. */
import { z } from 'zod';

const optional = z.exactOptional;

const count = z.int().min(1).max(1_000_000_000);

/** Limits of a minute, and of requests at once; what is left out is not limited. */
export const rateLimits = z.strictObject({
  requestsPerMinute: optional(count),
  tokensPerMinute: optional(count),
  concurrent: optional(count),
});

export type RateLimits = z.output<typeof rateLimits>;
