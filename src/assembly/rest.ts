/**
 * Memory while the gateway is at rest. Until the first load, memory that the start left is returned: V8 collects only when more is
 * allocated, and a gateway at rest allocates nothing. After that, compiled code is kept, and at each rest V8's empty pages are returned.
 */
import { performance } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { collectGarbage } from '../lib/collect-garbage.ts';
import { repeatWhileAlive } from '../lib/while-alive.ts';
import { releasePages } from './release-pages.ts';

const LOOK_EVERY_MS = 3000;
/** Of the time between two looks: below it nobody is likely to wait for the collection, which takes some 30 ms. */
const AT_REST = 0.02;
/** Looks in a row: a pause between two requests is no rest. */
const LONG_ENOUGH = 10;
/** Requests. V8 optimises what was called some hundred times. */
const LOAD = 100;
/** Bytes held and not used; less is not worth a collection. */
const WORTH = 8e6;
/** V8 returns the young generation's memory only after seconds without allocation: the first request for it may come too early. */
const COLLECTIONS = 3;

interface Tools {
  readonly life: AbortSignal;
  /** Finished so far. */
  readonly requests: () => number;
  /** The share of the time in which this thread worked, since the last call. */
  readonly utilization?: () => number;
  /** Bytes that the heap holds without using them. */
  readonly unused?: () => number;
  /** Bytes that the heap takes. */
  readonly held?: () => number;
  readonly collect?: () => void;
  readonly keepCode?: () => void;
  readonly release?: () => void;
}

/** Looks as long as `life` lasts. */
export function mindRest({
  life,
  requests,
  utilization = sinceLast(),
  unused = unusedNow,
  held = heldNow,
  collect = collectGarbage,
  keepCode = keepOptimizedCode,
  release = releasePages,
}: Tools): void {
  let rested = 0;
  let collections = 0;
  let isKept = false;
  /** Bytes that the heap held at most since the last release: what it lost since then are empty pages. */
  let most = 0;
  const afterLoad = (): void => {
    if (!isKept) keepCode();
    isKept = true;
    const now = held();
    most = Math.max(most, now);
    if (rested < LONG_ENOUGH || most - now < WORTH) return;
    most = now;
    release();
  };
  const look = (): void => {
    rested = utilization() > AT_REST ? 0 : rested + 1;
    if (requests() >= LOAD) return afterLoad();
    if (rested < LONG_ENOUGH || collections === COLLECTIONS) return;
    if (collections > 0 && unused() < WORTH) return;
    collections += 1;
    collect();
  };
  repeatWhileAlive(look, LOOK_EVERY_MS, life);
}

/**
 * During a pause no object of a request lives. Some eight seconds into it V8 would collect to save memory and discard the shapes of such
 * objects, and with them all optimised code: after ten seconds of rest a request took two to three times as long. With these flags it
 * still collects, but as it does under load.
 */
function keepOptimizedCode(): void {
  setFlagsFromString('--no-memory-reducer-favors-memory');
  setFlagsFromString('--retain-maps-for-n-gc=1000');
  setFlagsFromString('--no-flush-bytecode');
}

function unusedNow(): number {
  const { used_heap_size: used, total_physical_size: held } = getHeapStatistics();
  return held - used;
}

const heldNow = (): number => getHeapStatistics().total_physical_size;

function sinceLast(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
