/** What the fast judge saw of a request, as numbers, and what was learned from such numbers: a correction of the complexity. */

/** Holds no text; what it could give away stands in `src/verify/README.md`. */
export interface SeenNumbers {
  /** Of the weights that made the numbers: those of others mean something else. */
  readonly judge: string;
  /** Signed bytes, in base64. */
  readonly numbers: string;
}

/** A correction in the logarithm of the odds: all zeros is the shipped judge. */
export interface LearnedHead {
  /** Of the weights that it was learned for. */
  readonly judge: string;
  readonly bias: number;
  /** One a number that the judge saw, for numbers of -1 to 1. */
  readonly weights: readonly number[];
}

/** The judge in force. */
export interface JudgeWeights {
  /** 12 hex digits of the SHA-256 of its weights. */
  readonly version: string;
  /** How many numbers it sees. */
  readonly numbers: number;
}

/** Of a signed byte: numbers are used as -1 to 1. */
const STEP = 127;

/** @param values - each -1 to 1; what is beyond is cut off */
export function packSeen(values: readonly number[]): string {
  const bytes = Int8Array.from(values, (value) =>
    Math.round(STEP * Math.max(-1, Math.min(1, value))),
  );
  return Buffer.from(bytes.buffer).toString('base64');
}

/** As they are used, -1 to 1. */
export function unpackSeen({ numbers }: Pick<SeenNumbers, 'numbers'>): readonly number[] {
  return Array.from(new Int8Array(Buffer.from(numbers, 'base64')), (value) => value / STEP);
}

/** Complexities beyond are as good as certain, whatever was learned. */
const LEAST_ODDS = 1e-4;

/** The logarithm of the odds; finite for 0 and 1 too. */
export function logOdds(probability: number): number {
  const within = Math.max(LEAST_ODDS, Math.min(1 - LEAST_ODDS, probability));
  return Math.log(within / (1 - within));
}

/** @param seen - by the judge that the head was learned for, as `unpackSeen` gives them */
export function corrected(
  complexity: number,
  { bias, weights }: Pick<LearnedHead, 'bias' | 'weights'>,
  seen: readonly number[],
): number {
  let odds = logOdds(complexity) + bias;
  for (let at = 0; at < weights.length; at += 1) odds += weights[at]! * (seen[at] ?? 0);
  return 1 / (1 + Math.exp(-odds));
}
