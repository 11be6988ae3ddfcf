/** Returns memory that a start leaves behind: V8 collects only after much more was allocated, which in an idle thread never happens. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects all garbage of this thread, which stands still meanwhile: some milliseconds for each 10 MB in use. */
export function collectGarbage(): void {
  // V8 shows its collector to contexts that are made while this is set.
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect();
}
