/** Labels of a made ledger that keeps what the judge saw. */
import type { Label } from '../../src/analysis/learn.ts';
import { seededRandom } from '../../src/lib/random.ts';

export const SEEN_NUMBERS = 50;

/** @param worseAt - the probability that an answer is worse, by what the judge says and sees */
export function seenLabels(
  count: number,
  seed: number,
  worseAt: (complexity: number, seen: readonly number[]) => number,
): Label[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, atMs) => {
    const complexity = random();
    const seen = Array.from({ length: SEEN_NUMBERS }, () => 0.4 * (random() - 0.5));
    return { atMs, complexity, seen, isWorse: random() < worseAt(complexity, seen), weight: 1 };
  });
}

/** As the ledger has it without `store.features`. */
export const unseen = ({ atMs, complexity, isWorse, weight }: Label): Label => ({
  atMs,
  complexity,
  isWorse,
  weight,
});
