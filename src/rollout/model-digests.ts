/** Detects a change of model weights: reports each upstream, model and digest the first time it is seen. */
import type { Sink } from '../core/record.ts';

export interface SeenDigest {
  readonly upstream: string;
  readonly model: string;
  readonly digest: string;
}

/** Bounded, because some clouds use many builds at once; the store has all digests. */
const MAX_REMEMBERED = 10_000;

/** Calls `onNew` once for every digest, as long as it is remembered. */
export function digestObserver(onNew: (seen: SeenDigest) => void): Sink {
  const seen = new Set<string>();
  return ({ attempts }) => {
    for (const { upstream, model, modelDigest: digest } of attempts) {
      if (digest === undefined) continue;
      const key = `${upstream}\n${model}\n${digest}`;
      if (seen.has(key)) continue;
      if (seen.size >= MAX_REMEMBERED) seen.clear();
      seen.add(key);
      onNew({ upstream, model, digest });
    }
  };
}
