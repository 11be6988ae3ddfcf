/** Keeps paced budgets to their periods: thresholds move once a minute, by how a week's spending was spread so far. */
import type { Budgets } from '../budgets/payments.ts';
import type { SpentHour } from '../budgets/week-profile.ts';
import type { Ledger } from '../core/store.ts';
import { repeatWhileAlive } from '../lib/while-alive.ts';

const TICK_MS = 60_000;
const HOUR_MS = 3_600_000;
/** The weeks that are looked at. */
const HOURS = 28 * 24;

interface Tools {
  readonly budgets: Budgets;
  readonly ledger: Pick<Ledger, 'figures'>;
  readonly epochMs: () => number;
  readonly life: AbortSignal;
}

/** Goes on as long as `life` lasts. */
export async function keepPace({ budgets, ledger, epochMs, life }: Tools): Promise<void> {
  let learnedMs = -Infinity;
  const tick = async (): Promise<void> => {
    if (!budgets.states().some(({ budget }) => budget.pace === true)) return;
    const nowMs = epochMs();
    if (Math.abs(nowMs - learnedMs) >= HOUR_MS) {
      learnedMs = nowMs;
      budgets.learnPace(await spentHours(ledger, nowMs));
    }
    budgets.keepPace();
  };
  await tick();
  // A ledger that cannot be read for a moment changes no plan.
  repeatWhileAlive(() => void tick().catch(() => {}), TICK_MS, life);
}

/**
 * What the large model would have cost in each hour, which pacing itself does not change; from the first hour in which anything was
 * asked.
 */
async function spentHours(
  { figures }: Pick<Ledger, 'figures'>,
  nowMs: number,
): Promise<readonly SpentHour[]> {
  const endMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const times = Array.from({ length: HOURS }, (_, at) => endMs - (HOURS - at) * HOUR_MS);
  const window = { metric: 'baseline', by: null, filters: {}, times, endMs } as const;
  const [line] = (await figures.series(window)).lines;
  const values = line?.values ?? [];
  const first = values.findIndex((value) => value !== null);
  return first === -1
    ? []
    : times.slice(first).map((atMs, at) => ({ atMs, nanoUsd: values[first + at] ?? 0 }));
}
