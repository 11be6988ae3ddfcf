/** How probable a model found the tokens that it wrote. */

/** One token of an answer. Logarithms are natural ones. */
export interface TokenScore {
  readonly text: string;
  readonly logprob: number;
  /** Of the likeliest tokens in its place, likeliest first; empty where the model says none. */
  readonly top: readonly number[];
}

/** Is given the tokens of an answer, in order, before the event or body that holds them is passed on. */
export type ObserveTokens = (tokens: readonly TokenScore[]) => void;
