/** State that the primary keeps, since one process must have it: what is left of rate limits. */
import { performance } from 'node:perf_hooks';
import { memoryRates } from '../stores/memory-rates.ts';
import type { Take } from '../stores/peers.ts';
import type { PeerCall } from './calls.ts';

/** @returns what answers a worker */
export function ownedState(): (call: PeerCall) => unknown {
  const rates = memoryRates(() => performance.now());
  return ({ what, body }) => {
    // What `stores/peers.ts` asks.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const { bucket, perMinute, count } = body as Take;
    if (what === 'take') return rates.take(bucket, perMinute, count);
    if (what === 'give') rates.give(bucket, perMinute, count);
    return undefined;
  };
}
