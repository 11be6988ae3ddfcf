/**
 * Returns pages that V8 keeps for its next load. V8 does so by itself only when it collects to save memory, which discards optimised code.
 * But a new thread takes such pages first, whichever thread freed them, and they are returned some seconds after its end.
 */
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';

/** Taken at most, as the half of a young generation: no main thread that `npm start` begins leaves as much. Of what nobody kept nothing is touched. */
const HALF_MB = 64;
/** V8's own: of the young generation of a thread a third is one half. */
const HALVES = 3;

/** Starts an empty thread, which ends at once: some 20 ms of a core, hardly any of them of this thread. */
export function releasePages(): void {
  // Read when the thread begins; the others' limits are below what they would get by it.
  beginWith(HALF_MB);
  new Worker('', {
    eval: true,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: HALVES * HALF_MB },
  })
    .on('error', asUsual)
    .on('exit', asUsual)
    .unref();
}

const asUsual = (): void => beginWith(0);
const beginWith = (halfMb: number): void => setFlagsFromString(`--min-semi-space-size=${halfMb}`);
