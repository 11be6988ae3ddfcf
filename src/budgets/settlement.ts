/** What an attempt is charged by how it ended. */
import type { AttemptState } from '../core/attempt-log.ts';
import type { Ended } from '../core/payment.ts';
import type { Cost } from '../core/record.ts';

export interface Settlement {
  readonly state: AttemptState;
  readonly usedNanoUsd: number;
}

/** No figure in the ledger is larger: above it a sum is no longer exact. */
const MOST_NANO_USD = Number.MAX_SAFE_INTEGER;

/**
 * Never less than the upstream may charge: what cannot be known is charged as it was reserved. An upstream charges nothing for a
 * request that it refused, and cannot for one that never reached it.
 */
export function settlement(ended: Ended, reservedNanoUsd: number): Settlement {
  const { outcome, status, egressBytes, usage, cost } = ended;
  const unknown = { state: 'unknown', usedNanoUsd: reservedNanoUsd } as const;
  if (usage?.isImplausible === true) return unknown;
  const isFee = cost?.kinds['fee'] !== undefined;
  if ((usage !== undefined || isFee) && cost !== null) {
    return { state: 'settled', usedNanoUsd: Math.min(cost.totalNanoUsd, MOST_NANO_USD) };
  }
  const isRefused = status !== undefined && status >= 400;
  if (outcome === 'ok' && !isRefused) return unknown;
  if (egressBytes === 0) return { state: 'released', usedNanoUsd: 0 };
  if (isRefused) return { state: 'settled', usedNanoUsd: 0 };
  return unknown;
}

/** The cost of an attempt that is charged as reserved. */
export const asReserved = (nanoUsd: number): Cost => ({
  totalNanoUsd: nanoUsd,
  kinds: { reserved: nanoUsd },
  source: 'what was reserved: how much the upstream charges is not known',
});
