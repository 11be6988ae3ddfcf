/** Expected quality of the answers, as a share of the large model's. */

/** A share of the large model's quality, with a 95 % interval. */
export interface Expected {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

export interface QualityTally {
  /** `kept`: an answer's expected quality; the large model's is 1, a refusal's 0. */
  add(kept: number): void;
  /** Undefined if nothing was added. */
  result(): Expected | undefined;
}

export function qualityTally(): QualityTally {
  let [count, sum] = [0, 0];
  return {
    add: (kept) => {
      count += 1;
      sum += kept;
    },
    result: () => (count === 0 ? undefined : wilson(Math.min(1, sum / count), count)),
  };
}

/** The 97.5 % point of the normal distribution. */
const Z = 1.959964;

/**
 * Wilson's score interval (JASA 22, 1927) for a share `p` of `n`. The variance p (1 - p) is the upper
 * bound for outcomes between 0 and 1 with this mean. It covers the sampling of requests and of answers.
 */
function wilson(p: number, n: number): Expected {
  const centre = (p + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((p * (1 - p)) / n + Z ** 2 / (4 * n ** 2));
  return { estimate: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
