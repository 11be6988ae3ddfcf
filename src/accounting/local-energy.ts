/** The energy of a local answer without a meter: power times time, or as configured. */
import type { Energy, Usage } from '../core/record.ts';

/** Joules as an upstream's configuration gives them. */
export interface ConfiguredEnergy {
  readonly inputJPerToken: number;
  readonly outputJPerToken: number;
  readonly requestJ?: number;
}

/** What the machine draws for an answer, in watts. */
export interface PowerBounds {
  readonly lowW: number;
  readonly highW: number;
}

/**
 * CodeCarbon assumes 85 W for an unknown processor, and P = TDP (0.1 + 0.9 load^3): these are its ends, an
 * idle and a fully loaded processor. A GPU is not included.
 */
export const UNKNOWN_PROCESSOR: PowerBounds = { lowW: 8.5, highW: 85 };

/** Charges each of several concurrent answers the whole machine: their sum is an upper bound. */
export function energyOfPower(power: PowerBounds, latencyMs: number): Energy {
  return {
    lowJ: (power.lowW * latencyMs) / 1000,
    highJ: (power.highW * latencyMs) / 1000,
    method: 'modelled',
    source: `${power.lowW} to ${power.highW} W x time`,
  };
}

export function configuredEnergy(usage: Usage, per: ConfiguredEnergy): Energy {
  const joules =
    (usage.inputTokens - usage.cachedInputTokens) * per.inputJPerToken +
    usage.outputTokens * per.outputJPerToken +
    (per.requestJ ?? 0);
  return { lowJ: joules, highJ: joules, method: 'modelled', source: 'configuration' };
}
