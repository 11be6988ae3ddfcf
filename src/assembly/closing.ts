/** The end of a gateway: what serves first, then what that stands on. */
import { setTimeout as wait } from 'node:timers/promises';
import type { LedgerStats } from '../core/store.ts';
import type { HttpParts } from '../http/parts.ts';
import type { Stores } from '../stores/open.ts';
import type { Log } from '../telemetry/log.ts';
import type { Core } from './core.ts';
import type { OpenDeep } from './deep-judge.ts';
import type { EnergyParts } from './energy.ts';

/** How long requests that were cut off may take to end. */
const LAST_WORDS_MS = 3_000;

/** Of the ledger: what was lost, and what waits for another start. */
export type Unwritten = Pick<LedgerStats, 'dropped' | 'spilled' | 'waiting'>;

/** Whose connection was cut has its record still to write. */
export async function closeServing(
  { admission, gateway }: Pick<HttpParts, 'admission' | 'gateway'>,
  parts: readonly { close(): Promise<void> }[],
): Promise<void> {
  await Promise.race([admission.empty(), wait(LAST_WORDS_MS, undefined, { ref: false })]);
  await gateway.close();
  for (const part of parts) await part.close();
}

interface Lasting extends Pick<Required<EnergyParts>, 'metering'> {
  readonly stores: Stores;
  readonly log: Log;
  readonly judging: OpenDeep;
  readonly core: Core;
}

/** What the rest stands on; says what could not be written. */
export async function closeLast({
  stores,
  log,
  metering,
  judging,
  core,
}: Lasting): Promise<Unwritten> {
  await stores.close();
  log.close();
  metering.close();
  await judging.close();
  core.close();
  const { dropped, spilled, waiting } = stores.ledger.stats();
  return {
    dropped,
    ...(spilled === undefined ? {} : { spilled }),
    ...(waiting === undefined ? {} : { waiting }),
  };
}
