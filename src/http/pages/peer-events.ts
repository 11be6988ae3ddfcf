/** Rows of requests that other processes of this gateway answered, while a page is open here; and ours for them. */
import type { Peers } from '../../core/peers.ts';
import type { UsageRecord } from '../../core/record.ts';
import { requestRow } from '../../figures/request-row.ts';
import { createBatcher } from '../../lib/batches.ts';

interface PeerRows {
  /** To be called a few times a second while a page is open here. */
  watch(): void;
  /** Takes every record of this process; costs nothing while no page is open elsewhere. */
  publish(record: UsageRecord): void;
}

/** Nobody can read faster traffic: pages then reload the list. */
const BATCH = { maxSize: 100, waitMs: 250 };
/** A watching process says so this often, and gets rows for a while after. */
const SAY_EVERY_MS = 1000;
const WATCHED_MS = 3000;

/** @param show gets a row of another process, as JSON */
export function rowsOfPeers(peers: Peers, show: (row: string) => void): PeerRows {
  let watchedUntilMs = 0;
  let saidAtMs = 0;
  let isWatching = false;
  const rows = createBatcher<string>(BATCH, (batch) => peers.tell('rows', batch));
  peers.answer('rows-watched', () => {
    watchedUntilMs = Date.now() + WATCHED_MS;
  });
  peers.answer('rows', (batch) => {
    if (!isWatching || !Array.isArray(batch)) return;
    for (const row of batch) if (typeof row === 'string') show(row);
  });
  return {
    watch: () => {
      isWatching = true;
      if (Date.now() - saidAtMs < SAY_EVERY_MS) return;
      saidAtMs = Date.now();
      peers.tell('rows-watched', null);
    },
    publish: (record) => {
      if (watchedUntilMs !== 0 && Date.now() < watchedUntilMs)
        rows.add(JSON.stringify(requestRow(record)));
    },
  };
}
