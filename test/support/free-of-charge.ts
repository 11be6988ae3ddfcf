/** Nothing costs anything, and no budget limits anybody. */
import type { Payments } from '../../src/core/payment.ts';

export const freeOfCharge: Payments = {
  facts: () => undefined,
  reserve: () => undefined,
  header: () => undefined,
};
