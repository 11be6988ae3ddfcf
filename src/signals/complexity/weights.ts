/** The shipped weights, checked as far as a stale file would show. */
import type { Weights } from './model.ts';
import shipped from './weights.json' with { type: 'json' };

export const WEIGHTS_VERSION = 1;

/** @param names of the features, in order. @throws Error where the file has others, or is of another version */
export function shippedWeights(names: readonly string[]): Weights {
  const stale =
    shipped.version !== WEIGHTS_VERSION ||
    shipped.features.length !== names.length ||
    shipped.features.some((name, at) => name !== names[at]);
  if (stale) {
    throw new Error(
      'src/signals/complexity/weights.json does not fit the code beside it: run `npm run train`',
    );
  }
  return shipped;
}
