/** Calibration: from the judge's raw estimate to a probability with an interval, and how sure it is. */
import type { Features, Turn } from '../../core/signal.ts';

/** A point of a line of straight pieces, by rising `at`. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

export interface Calibration {
  /** Complexity by the judge's raw need, on requests that the judge had not seen. */
  readonly complexity: readonly Point[];
  /** 10th and 90th percentile of the rated need by complexity, on the same requests. */
  readonly low: readonly Point[];
  readonly high: readonly Point[];
}

/** Both ends 0..1: in 80 of 100 cases the rated need lies between them. */
export type Confidence = readonly [low: number, high: number];

/** What the fast judge knows about a request; none of its text. The arrays are overwritten by the next request: copy them to keep them. */
export interface DeepQuestion {
  readonly pieces: Int32Array;
  readonly inputs: Float64Array;
  /** What the fast judge's first head says, about 0..1. */
  readonly need: number;
  /** How much it is like an exam's question for the fast judge, and what the second head says then: both 0..1. */
  readonly exam: number;
  readonly second: number;
}

export interface DeepAnswer {
  readonly complexity: number;
  readonly confidence: Confidence;
  readonly because: string;
}

export interface Judgement {
  readonly complexity: number;
  readonly confidence: Confidence;
  /** What raised or lowered it, and the nearest rated request. Made only when asked for. */
  readonly because: () => string;
  /** For the deep judge, of the request that was judged last; absent where the counts alone judge. */
  readonly question?: () => DeepQuestion;
  /** What was seen of the request that was judged last, each about -1 to 1; absent where the counts alone judge. */
  readonly seen?: () => readonly number[];
}

/** What was found in a conversation before it is judged: see `Features`. */
export type Known = Pick<Features, 'sent' | 'own'>;

export type Judge = (turns: readonly Turn[], known?: Known) => Judgement;

/** The value of a line at `at`; beyond its ends it is flat. */
export function valueAt(line: readonly Point[], at: number): number {
  const after = line.findIndex((point) => point.at >= at);
  if (after === -1) return line.at(-1)!.value;
  if (after === 0) return line[0]!.value;
  const [a, b] = [line[after - 1]!, line[after]!];
  return a.value + ((at - a.at) / Math.max(1e-9, b.at - a.at)) * (b.value - a.value);
}

/** The interval of a complexity; the complexity itself is always inside. */
export function confidenceOf({ low, high }: Calibration, complexity: number): Confidence {
  return [
    bounded(Math.min(complexity, valueAt(low, complexity))),
    bounded(Math.max(complexity, valueAt(high, complexity))),
  ];
}

/** The nearest value in 0..1. */
export const bounded = (value: number): number => Math.max(0, Math.min(1, value));
