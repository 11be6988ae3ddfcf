/** What a small model is measured to be able to do, and how far its own confidence tells right answers from wrong ones. */
import type { Energy } from './record.ts';

/** Kinds of task that the golden set asks. */
export type GoldenKind =
  | 'extraction'
  | 'classification'
  | 'facts'
  | 'sums'
  | 'yes-no'
  | 'words'
  | 'translation'
  | 'rewriting'
  | 'json'
  | 'tools'
  | 'support'
  | 'follow-ups';

/** Kinds of task that are told apart in a request. */
export type TaskKind = Exclude<GoldenKind, 'support'> | 'other';

/** Numbers of an answer's tokens that P(wrong) is made of. Logarithms are natural ones. */
export const statisticNames = ['mean', 'min', 'first', 'low', 'entropy', 'length'] as const;

export type StatisticName = (typeof statisticNames)[number];

/** A share, with the bounds of its 95 % interval. */
export interface Share {
  readonly items: number;
  readonly right: number;
  readonly low: number;
  readonly high: number;
}

/** The area under the curve of P(wrong), out of fold. */
export interface Area {
  readonly items: number;
  readonly wrong: number;
  /** 0.5 is chance; null where all were right, or none. */
  readonly value: number | null;
  /** Lower bound at 95 %, one-sided; null where there is no value. */
  readonly low: number | null;
}

/**
 * P(wrong) = logistic(bias + offsets + sum of weight × (statistic - centre) / scale), where the offset and the slopes of the kind, those
 * of the language, and the kind's offset in that language are added to bias and weights.
 */
export interface ConfidenceModel {
  readonly statistics: readonly StatisticName[];
  readonly centres: readonly number[];
  readonly scales: readonly number[];
  readonly weights: readonly number[];
  readonly bias: number;
  readonly kinds: Readonly<Partial<Record<TaskKind, KindConfidence>>>;
  /** Absent where one language was measured. */
  readonly languages?: Readonly<Record<string, LanguageConfidence>>;
  /** Of all kinds together. */
  readonly all: Area;
}

export interface KindConfidence extends Area {
  readonly offset: number;
  /** Added to the weights, one a statistic; none: not measured. */
  readonly slopes?: readonly number[];
  /** Tokens of a usual answer: the median. */
  readonly usualTokens: number;
}

export interface LanguageConfidence {
  readonly offset: number;
  readonly slopes: readonly number[];
  /** Of each kind in this language. */
  readonly kinds: Readonly<Partial<Record<TaskKind, number>>>;
}

/** One model file on one engine, measured with one set. */
export interface CompetenceCard {
  readonly format: 1;
  readonly model: string;
  /** Of the weights, as `sha256:…`; null where the server does not say it: then the model's name decides. */
  readonly modelDigest: string | null;
  /** Kind and version. */
  readonly engine: string;
  readonly set: { readonly name: string; readonly items: number; readonly digest: string };
  /** ISO 8601, UTC. */
  readonly measuredAt: string;
  readonly seconds: number;
  readonly tokensPerSecond: number;
  readonly firstTokenMs: number;
  /** Joules of the machine a token of an answer, prompts included; absent where no meter covers it. */
  readonly energy?: {
    readonly joulesPerToken: readonly [low: number, high: number];
    readonly method: Energy['method'];
    readonly source: string;
  };
  readonly languages: readonly string[];
  /** By kind and language: `facts.en`. */
  readonly passed: Readonly<Record<string, Share>>;
  readonly all: Share;
  /** Of a whole answer, and of its first tokens alone. Absent where the server gives no probabilities. */
  readonly confidence?: { readonly whole: ConfidenceModel; readonly beginning: ConfidenceModel };
  /** SHA-256 of the card without this member. */
  readonly hash: string;
}
