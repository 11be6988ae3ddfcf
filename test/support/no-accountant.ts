import type { Accountant } from '../../src/core/accounting.ts';
import type { Usage } from '../../src/core/record.ts';

export const NOTHING_USED: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  source: 'counted',
};

/** Counts no usage and has no prices. */
export const noAccountant: Accountant = {
  watch: () => ({
    observe: () => {},
    observeText: () => {},
    hasContent: () => false,
    answeredModel: () => undefined,
    usage: () => undefined,
    countUsage: () => NOTHING_USED,
  }),
  price: () => ({ cost: null, energy: null }),
  baseline: () => null,
};
