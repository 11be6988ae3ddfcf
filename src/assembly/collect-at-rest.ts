/** Gives back what the start, and each time of load, leave: V8 collects when more is made, and a gateway at rest makes nothing. */
import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { collectGarbage } from '../lib/collect-garbage.ts';

const LOOK_EVERY_MS = 3000;
/** Of the time between two looks: below it nobody is likely to wait for the collection, which takes some 30 ms. */
const AT_REST = 0.02;
/**
 * Looks in a row. A collection also takes the code that V8 made for objects of which none lives just then: those who ask next pay for
 * that, so that a pause between two of them is no rest.
 */
const LONG_ENOUGH = 10;
/** Made since the last collection, or held and not used; less is not worth it. */
const WORTH_BYTES = 8e6;
/** V8 gives back what it held for what is made and let go only once nothing was made for seconds: the first look may come too early. */
const LOOKS = 3;

/** Bytes. */
interface Heap {
  readonly used: number;
  readonly held: number;
}

interface Tools {
  readonly life: AbortSignal;
  /** The share of the time in which this thread worked, since the last call. */
  readonly utilization?: () => number;
  readonly heap?: () => Heap;
  readonly collect?: () => void;
}

/** Looks as long as `life` lasts. */
export function collectAtRest({
  life,
  utilization = sinceLast(),
  heap = heapNow,
  collect = collectGarbage,
}: Tools): void {
  let kept = 0;
  let left = 0;
  let rested = 0;
  const look = (): void => {
    rested = utilization() > AT_REST ? 0 : rested + 1;
    if (rested < LONG_ENOUGH) return;
    const { used, held } = heap();
    if (used - kept >= WORTH_BYTES) left = LOOKS;
    else if (left === 0 || held - used < WORTH_BYTES) return;
    left -= 1;
    collect();
    kept = heap().used;
  };
  const looking = setInterval(look, LOOK_EVERY_MS).unref();
  life.addEventListener('abort', () => clearInterval(looking), { once: true });
}

function heapNow(): Heap {
  const { used_heap_size: used, total_physical_size: held } = getHeapStatistics();
  return { used, held };
}

function sinceLast(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
