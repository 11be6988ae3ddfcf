/** Ends uploads that are slower than any network: they would hold their place, and what they sent so far, for nothing. */
import { GatewayError } from '../../core/errors.ts';
import { Bag, type Bagged } from '../../lib/bag.ts';

/** One look at all of them in so many milliseconds. */
const LOOK_EVERY_MS = 1000;
/** In so long at least so many bytes must have come. */
const SPAN_MS = 10_000;
const LEAST_BYTES = 10_000;
/** The most that an upload may take: so long, and a millisecond for each so many bytes. */
const LONGEST_MS = 30_000;
const BYTES_A_MS = 100;

export interface Upload extends Bagged {
  /** Bytes that have arrived. */
  bytes: number;
  /** Monotonic milliseconds. */
  readonly startedMs: number;
  /** How far it was at the beginning of the current span. */
  span: { readonly sinceMs: number; readonly bytes: number };
  /** Told once, when it was too slow. */
  readonly end: (error: GatewayError) => void;
}

/** @returns why an upload that has come so far may not go on; undefined where it may */
export function tooSlow(upload: Upload, now: number): GatewayError | undefined {
  const { bytes, startedMs, span } = upload;
  const ms = now - startedMs;
  const isSpanOver = now - span.sinceMs > SPAN_MS;
  const isStalled = isSpanOver && bytes - span.bytes < LEAST_BYTES;
  if (isSpanOver) upload.span = { sinceMs: now, bytes };
  const isLate = ms > LONGEST_MS + bytes / BYTES_A_MS;
  if (!isStalled && !isLate) return undefined;
  return new GatewayError(
    'caller_too_slow',
    `After ${Math.round(ms / 1000)} s ${bytes} bytes of the body have arrived. Send at least 1 kB a second, and all of it within 30 s and a second for each 100 kB.`,
    { headers: { connection: 'close' } },
  );
}

export class SlowUploads {
  readonly #under = new Bag<Upload>();
  #looking: NodeJS.Timeout | undefined;

  /** Watched until it is forgotten. */
  watch(end: Upload['end']): Upload {
    const startedMs = performance.now();
    const span = { sinceMs: startedMs, bytes: 0 };
    const upload: Upload = { bytes: 0, startedMs, span, end, bagAt: -1 };
    this.#under.add(upload);
    this.#looking ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    return upload;
  }

  forget(upload: Upload): void {
    this.#under.delete(upload);
  }

  #look(): void {
    const now = performance.now();
    for (const upload of this.#under.items()) {
      const error = tooSlow(upload, now);
      if (error === undefined) continue;
      this.#under.delete(upload);
      upload.end(error);
    }
    if (this.#under.size > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}
