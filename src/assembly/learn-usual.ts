/** What keys usually ask, read out of the ledger at the start: a process that begins knows their last week. */
import type { Budgets } from '../budgets/payments.ts';
import type { UsualHour } from '../budgets/router-anomalies.ts';
import type { Ledger } from '../core/store.ts';

const HOUR_MS = 3_600_000;
const HOURS = 7 * 24;

/** In the background: what is not known yet is no anomaly. */
export function learnUsual({ anomalies }: Budgets, ledger: Pick<Ledger, 'figures'>): void {
  usualHours(ledger, Date.now()).then(anomalies.learn, () => {});
}

/** Of the last 7 days without the present hour; pinned requests are not in it. */
async function usualHours(
  { figures }: Pick<Ledger, 'figures'>,
  nowMs: number,
): Promise<readonly UsualHour[]> {
  const endMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const times = Array.from({ length: HOURS }, (_, at) => endMs - (HOURS - at) * HOUR_MS);
  const read = async (tier: string[]) => {
    const window = { metric: 'requests', by: 'key', filters: { tier }, times, endMs } as const;
    const { lines } = await figures.series(window);
    return new Map(lines.map(({ name, values }) => [name, values]));
  };
  const [all, large] = await Promise.all([read(['small', 'large']), read(['large'])]);
  return [...all].flatMap(([key, values]) =>
    times.map((atMs, at) => ({
      key,
      atMs,
      requests: values[at] ?? 0,
      large: large.get(key)?.[at] ?? 0,
    })),
  );
}
