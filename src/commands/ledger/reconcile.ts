/** `ledger reconcile`: compares a bill with the book of attempts, and closes what was unknown. */
import type { BilledDay } from '../../analysis/bill.ts';
import { reconcile, type ReconciledDay } from '../../analysis/reconcile.ts';
import type { LedgerTools } from '../../core/ledger-tools.ts';
import type { Act } from '../../core/policy-store.ts';

export interface Reconciled {
  readonly days: readonly ReconciledDay[];
  /** Attempts whose cost is known now. */
  readonly closed: number;
  readonly differenceNanoUsd: number;
}

interface How {
  readonly act: Act;
  /** For the audit log. */
  readonly file: string;
  readonly upstream: string | undefined;
  readonly isTodayWhole: boolean;
  readonly isDry: boolean;
}

const DAY_MS = 86_400_000;

/** @throws Error where it is not clear whose bill it is */
export async function reconcileWith(
  ledger: Pick<LedgerTools, 'attempts' | 'close'>,
  bill: readonly BilledDay[],
  { act, file, upstream, isTodayWhole, isDry }: How,
): Promise<Reconciled> {
  const times = bill.map(({ day }) => Date.parse(day));
  const span = { sinceMs: Math.min(...times), untilMs: Math.max(...times) + DAY_MS };
  const { upstreams, ...book } = await ledger.attempts(span, upstream);
  if (upstreams.length > 1)
    throw new Error(
      `In these days ${upstreams.join(' and ')} were paid: say with --upstream whose bill it is.`,
    );
  const today = new Date(act.atMs).toISOString().slice(0, 10);
  const { days, ends } = reconcile(bill, book, isTodayWhole ? undefined : today);
  const differenceNanoUsd = days.reduce((sum, day) => sum + day.differenceNanoUsd, 0);
  const detail = { file, differenceNanoUsd };
  const closed = isDry || ends.length === 0 ? 0 : await ledger.close(ends, act, detail);
  return { days, closed, differenceNanoUsd };
}
