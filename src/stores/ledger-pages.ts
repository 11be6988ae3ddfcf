/** All records of a ledger, page by page. */
import type { UsageRecord } from '../core/record.ts';
import type { Ledger } from '../core/store.ts';

const PAGE = 1_000;

/** Pages of at most `limit` records, newest first; the next one is read while this one is worked on. */
export async function* ledgerPages(
  ledger: Pick<Ledger, 'list'>,
  sinceMs: number,
  limit = PAGE,
): AsyncGenerator<readonly UsageRecord[]> {
  let coming = ledger.list({ sinceMs, limit });
  for (;;) {
    const { records, next } = await coming;
    if (next !== undefined) {
      coming = ledger.list({ sinceMs, limit, cursor: next });
      // Awaited only after this page: an earlier failure must not end the process as an unhandled rejection.
      coming.catch(() => {});
    }
    yield records;
    if (next === undefined) return;
  }
}
