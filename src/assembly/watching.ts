/** What goes on beside requests as long as a gateway lives, and lets the next one be judged by what is true now. */
import type { Config } from '../config/config.ts';
import type { ByteBudget } from '../lib/byte-budget.ts';
import type { Stores } from '../stores/open.ts';
import type { Log } from '../telemetry/log.ts';
import type { Core } from './core.ts';
import { followBudgets, type FollowedBudgets } from './follow-budgets.ts';
import { createGuards, type Guards } from './guards.ts';
import { keepPace } from './keep-pace.ts';
import { learnUsual } from './learn-usual.ts';
import { keepRetention } from './retention.ts';
import { watchWiring, type Wiring } from './wiring.ts';

export interface Watching {
  /** Not probed yet: `startProbing` does that. */
  readonly wiring: Wiring;
  readonly guards: Guards;
  readonly following: FollowedBudgets;
}

interface Watched {
  readonly core: Core;
  readonly stores: Stores;
  /** The configuration's own: only of these is deleted what is old. */
  readonly ownsStores: boolean;
  readonly memory: ByteBudget;
  /** Workers of this gateway; undefined where it is one process. */
  readonly workers: number | undefined;
  readonly printLine: (line: string) => void;
  readonly log: Log;
  readonly life: AbortSignal;
}

/** Resolves when budgets are as the store has them. @throws Error where the store cannot be read */
export async function startWatching(
  config: Config,
  { core, stores, ownsStores, memory, workers, ...beside }: Watched,
): Promise<Watching> {
  const { budgets } = core;
  const { ledger } = stores;
  const timed = { ...beside, epochMs: Date.now };
  const wiring = watchWiring(core, beside.printLine, beside.life);
  const guards = createGuards(config, stores, memory, workers);
  const following = await followBudgets(config, { ...timed, budgets, store: stores.budgets });
  await keepPace({ ...timed, budgets, ledger });
  if (ownsStores) keepRetention(config.store, timed);
  learnUsual(budgets, ledger);
  return { wiring, guards, following };
}
