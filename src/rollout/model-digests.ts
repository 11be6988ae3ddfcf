/** Notices, among the answers that go by, a model of another digest than was seen before. */
import type { Sink } from '../core/record.ts';

export interface SeenDigest {
  readonly upstream: string;
  readonly model: string;
  readonly digest: string;
}

/** Some clouds answer with many builds at once: what is remembered here is bounded, the store has the rest. */
const REMEMBERED = 10_000;

/** `first` is told of every digest once, as long as it is remembered. */
export function digestObserver(first: (seen: SeenDigest) => void): Sink {
  const seen = new Set<string>();
  return ({ attempts }) => {
    for (const { upstream, model, modelDigest: digest } of attempts) {
      if (digest === undefined) continue;
      const key = `${upstream}\n${model}\n${digest}`;
      if (seen.has(key)) continue;
      if (seen.size >= REMEMBERED) seen.clear();
      seen.add(key);
      first({ upstream, model, digest });
    }
  };
}
