/** Keeps callers that try keys in a loop from filling the ledger: requests with a refused credential make one row a minute and cause. */
import type { Sink, UsageRecord } from '../core/record.ts';
import type { Ledger } from '../core/store.ts';

export interface RefusedRows {
  /** Before its request is answered. */
  readonly note: Sink;
  readonly append: Sink;
  /** Writes what was counted so far: at the end. */
  flush(): void;
}

const MINUTE_MS = 60_000;

export function refusedRows({ append, note }: Pick<Ledger, 'append' | 'note'>): RefusedRows {
  const open = new Map<string, UsageRecord & { times: number }>();
  let closing: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(closing);
    closing = undefined;
    for (const row of open.values()) append(row);
    open.clear();
  };
  return {
    flush,
    note: (record) => {
      if (!isCounted(record)) note?.(record);
    },
    append: (record) => {
      if (!isCounted(record)) return append(record);
      const { operation } = record;
      const row = open.get(operation);
      if (row === undefined) open.set(operation, { ...record, times: 1 });
      else row.times += 1;
      closing ??= setTimeout(flush, MINUTE_MS).unref();
    },
  };
}

/** Has no row of its own. */
const isCounted = ({ errorCode, decision }: UsageRecord): boolean =>
  errorCode === 'caller_bad_key' && decision === undefined;
