/** Members that kinds of upstream share: time limits, and what overrides what is looked up or probed. */
import { z } from 'zod';
import { capabilities } from '../core/signal.ts';

const optional = z.exactOptional;
const usdPerMillion = z.number().min(0);
const joules = z.number().min(0);

const milliseconds = z.int().min(1);

/** Limits of an upstream that is reached over HTTP; those left out have defaults (`http/timeouts.ts`). */
export const timeouts = optional(
  z.strictObject({
    connectMs: optional(milliseconds),
    firstByteMs: optional(milliseconds),
    idleMs: optional(milliseconds),
    wholeMs: optional(milliseconds),
  }),
);

/** The members for a kind's schema. */
export const overrides = {
  contextTokens: optional(z.int().min(1)),
  capabilities: optional(z.array(z.enum(capabilities))),
  price: optional(
    z.strictObject({
      inputUsdPerMillion: usdPerMillion,
      cachedInputUsdPerMillion: optional(usdPerMillion),
      outputUsdPerMillion: usdPerMillion,
    }),
  ),
  energy: optional(
    z.strictObject({ inputJPerToken: joules, outputJPerToken: joules, requestJ: optional(joules) }),
  ),
};
