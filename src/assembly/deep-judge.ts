/** Starts the deep judge as the configuration wants it. */
import type { Config } from '../config/config.ts';
import type { DeepAsking } from '../signals/complexity/index.ts';
import { type DeepThread, deepThread } from '../signals/encoder/thread.ts';

export interface OpenDeep {
  readonly close: () => Promise<void>;
  readonly deep?: DeepAsking;
  readonly thread?: DeepThread;
}

/** Its thread reads some 36 MB; until then requests are judged by the fast judge, once their deadline is over. */
export function openDeep(
  { judge: { deep: mode, deadlineMs } }: Pick<Config, 'judge'>,
  printLine?: (line: string) => void,
): OpenDeep {
  if (mode === 'off') return { close: () => Promise.resolve() };
  const thread = deepThread(printLine === undefined ? {} : { onFailure: printLine });
  return { thread, close: thread.close, deep: { mode, deadlineMs, ask: thread.ask } };
}

/** How long an explanation waits for the deep judge, which must be loaded first. */
const PATIENCE_MS = 10_000;

/** For one request that nobody is in a hurry for. */
export const openPatientDeep = ({ judge }: Pick<Config, 'judge'>): OpenDeep =>
  openDeep({ judge: { ...judge, deadlineMs: PATIENCE_MS } });
