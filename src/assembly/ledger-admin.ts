/** What `/admin/ledger` shows and does. */
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import type { LedgerAdmin, LedgerTools } from '../core/ledger-tools.ts';
import { GatewayError } from '../core/errors.ts';
import { openLedgerTools } from '../stores/open.ts';
import type { Stores } from '../stores/stores.ts';
import type { Core } from './core.ts';
import { checkedBy } from './checked-by.ts';

const DAY_MS = 86_400_000;

const pruning = z.strictObject({ keepDays: z.int().min(1).max(36_500) });

/** @throws GatewayError where it is in memory: there is nothing to prune */
function opened(store: Config['store']): LedgerTools {
  try {
    return openLedgerTools(store);
  } catch (error) {
    throw new GatewayError('caller_invalid', error instanceof Error ? error.message : '', {
      cause: error,
    });
  }
}

interface Tools {
  readonly stores: Pick<Stores, 'ledger' | 'missingRows'>;
  readonly budgets: Core['budgets'];
}

export function ledgerAdmin({ store }: Config, { stores, budgets }: Tools): LedgerAdmin {
  return {
    standing: () => {
      const { queued, lagMs, dropped, problem } = stores.ledger.stats();
      const { open, unreconciledNanoUsd, oldestUnreconciledMs } = budgets.attempts();
      return {
        kind: store.kind,
        keepDays: store.keepDays ?? null,
        queued,
        lagMs,
        dropped,
        problem: problem ?? null,
        missingRows: stores.missingRows,
        openIntents: open,
        unreconciledUsd: unreconciledNanoUsd / 1e9,
        oldestUnreconciledMs: oldestUnreconciledMs ?? null,
      };
    },
    prune: async (given, act) => {
      const { keepDays } = checkedBy(pruning, given);
      const tools = opened(store);
      try {
        return await tools.prune(act.atMs - keepDays * DAY_MS, act);
      } finally {
        await tools.end();
      }
    },
  };
}
