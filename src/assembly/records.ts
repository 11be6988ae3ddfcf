/** Where finished records go, and what watches the attempts while they run. */
import type { Config } from '../config/config.ts';
import type { Sink } from '../core/record.ts';
import type { Ledger } from '../core/store.ts';
import type { HttpParts } from '../http/parts.ts';
import { memoryLedger } from '../stores/memory.ts';
import type { Core, Outlets } from './core.ts';

export interface Records extends Outlets {
  readonly ledger: Ledger;
  readonly metrics: HttpParts['metrics'];
  readonly reportBug: (error: unknown) => void;
  /** Requests that came in and are not yet recorded. */
  readonly inFlight: () => number;
  close(): Promise<void>;
}
export async function openRecords(_config: Config, core: Core, _version: string): Promise<Records> {
  const ledger = memoryLedger();
  const publish: Sink = (record) => ledger.append(record);
  return {
    ledger,
    publish,
    observer: { started: core.health.started, ended: core.health.ended },
    signalTimer: () => {},
    metrics: { contentType: 'text/plain', text: async () => '' },
    reportBug: (error) => console.error(error),
    inFlight: () => 0,
    close: () => ledger.close(),
  };
}
