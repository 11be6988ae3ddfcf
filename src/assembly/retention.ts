/** Deletes what is older than the configuration keeps: once at the start, then every day. */
import type { StoreSettings } from '../core/store.ts';
import { repeatWhileAlive } from '../lib/while-alive.ts';
import { openLedgerTools } from '../stores/open.ts';
import type { Log } from '../telemetry/log.ts';

const DAY_MS = 86_400_000;

interface Tools {
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly epochMs: () => number;
  readonly life: AbortSignal;
}

/** Goes on as long as `life` lasts. Never rejects. */
export function keepRetention(store: StoreSettings, { log, epochMs, life }: Tools): void {
  const { keepDays } = store;
  if (keepDays === undefined) return;
  const prune = async (): Promise<void> => {
    const tools = openLedgerTools(store);
    try {
      const atMs = epochMs();
      const act = { who: 'gateway', note: `store.keepDays: ${keepDays}`, atMs };
      const { records, attempts } = await tools.prune(atMs - keepDays * DAY_MS, act, life);
      if (records + attempts > 0)
        log.info(
          `Deleted ${records} records and ${attempts} attempts older than ${keepDays} days.`,
        );
    } catch (error) {
      log.warn(`What is older than ${keepDays} days could not be deleted: ${String(error)}`);
    } finally {
      await tools.end();
    }
  };
  void prune();
  repeatWhileAlive(() => void prune(), DAY_MS, life);
}
