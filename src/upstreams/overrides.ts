/** Members of every kind of upstream that override what is looked up or probed. */
import { z } from 'zod';
import { capabilities } from '../core/signal.ts';

const optional = z.exactOptional;
const usdPerMillion = z.number().min(0);
const joules = z.number().min(0);

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
