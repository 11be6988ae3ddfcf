/**
 * A budget in bytes for what callers send: bodies from their first byte to the end of their request. Beyond it a request is
 * refused before its body is read, rather than the process dying for want of memory.
 */
import { getHeapStatistics } from 'node:v8';
import { GatewayError } from '../core/errors.ts';

export interface Buffers {
  /** Bytes that a request of this caller holds; nothing yet. */
  open(caller: string): BodyBytes;
  /** Bytes held by all. */
  heldBytes(): number;
}

export interface BodyBytes {
  /** @throws GatewayError `gateway_overloaded` where these bytes do not fit */
  take(bytes: number): void;
  /** Gives everything back. Calls after the first change nothing. */
  release(): void;
}

const MIB = 1024 * 1024;
const LEAST_BYTES = 64 * MIB;

/** Of the heap, as parsing a body takes several times its size. */
export const defaultBufferedBytes = (): number =>
  Math.max(LEAST_BYTES, Math.floor(getHeapStatistics().heap_size_limit / 4));

/** A small body is never refused: as many as may be under way at once fit beside the rest. */
const SMALL_BYTES = 64 * 1024;
/** What is larger waits while the heap is nearly full. */
const LARGE_BYTES = MIB;
const STRAINED = 0.8;

function heapShare(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used / limit;
}

export function createBuffers(maxBytes: number): Buffers {
  const byCaller = new Map<string, number>();
  let held = 0;
  const add = (caller: string, bytes: number): void => {
    held += bytes;
    const own = (byCaller.get(caller) ?? 0) + bytes;
    if (own > 0) byCaller.set(caller, own);
    else byCaller.delete(caller);
  };
  return {
    heldBytes: () => held,
    open: (caller) => {
      let own = 0;
      return {
        take: (bytes) => {
          if (bytes <= SMALL_BYTES) {
            own += bytes;
            return add(caller, bytes);
          }
          if (held + bytes > maxBytes) throw full(maxBytes);
          if (bytes > LARGE_BYTES && heapShare() > STRAINED) throw strained();
          const share = (byCaller.get(caller) ?? 0) + bytes;
          // A body that is larger than a share is taken alone.
          const isGreedy = share > maxBytes / 4 && share > bytes && byCaller.size > 1;
          if (isGreedy) throw greedy(caller, maxBytes);
          own += bytes;
          add(caller, bytes);
        },
        release: () => {
          add(caller, -own);
          own = 0;
        },
      };
    },
  };
}

const full = (maxBytes: number): GatewayError =>
  new GatewayError(
    'gateway_overloaded',
    `Request bodies of ${Math.floor(maxBytes / MIB)} MiB are under way, which is the limit. Ask again in a second, or raise limits.maxBufferedBytes.`,
  );

const strained = (): GatewayError =>
  new GatewayError(
    'gateway_overloaded',
    'The memory of the gateway is nearly full, so bodies over 1 MiB are not taken now. Ask again in a second, or give its process a larger heap.',
  );

const greedy = (caller: string, maxBytes: number): GatewayError =>
  new GatewayError(
    'gateway_overloaded',
    `Key '${caller}' has a quarter of the ${Math.floor(maxBytes / MIB)} MiB for request bodies under way, and others send too. Ask again in a second, or raise limits.maxBufferedBytes.`,
  );
