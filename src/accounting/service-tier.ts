/** Prices of OpenAI's service tiers, which the price list lacks: factors on its standard prices. */
import { own } from '../lib/own.ts';

export interface ServiceTier {
  readonly factor: number;
  /** Part of the cost's `source`: the figure is derived, not listed. */
  readonly note: string;
}

/**
 * From memory of OpenAI's published prices, hence "assumed" in every cost they touch: batch and flex at
 * half, priority at 1.7 to 2 times by model, so that 2 does not understate.
 */
const OPENAI: Readonly<Record<string, ServiceTier>> = {
  flex: { factor: 0.5, note: 'x 0.5 for service tier flex (assumed)' },
  batch: { factor: 0.5, note: 'x 0.5 for service tier batch (assumed)' },
  priority: { factor: 2, note: 'x 2 for service tier priority (assumed, upper bound)' },
};

/** Undefined for the standard tier, `auto`, and providers that have no tiers. */
export const serviceTierOf = (
  provider: string,
  name: string | undefined,
): ServiceTier | undefined =>
  name !== undefined && provider === 'openai' ? own(OPENAI, name) : undefined;
