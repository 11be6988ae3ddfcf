import type { Accountant } from '../../src/core/accounting.ts';

/** Counts nothing and knows no price. */
export const noAccountant: Accountant = {
  watch: () => ({
    see: () => {},
    hasContent: () => false,
    answeredModel: () => undefined,
    usage: () => undefined,
  }),
  price: () => ({ cost: null, energy: null }),
  baseline: () => null,
};
