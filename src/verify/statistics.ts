/** What the probabilities of an answer's tokens amount to. */
import type { StatisticName } from '../core/competence.ts';
import type { TokenScore } from '../core/token-scores.ts';

/** `length` in tokens; `entropy` is absent where the likeliest tokens were not told. */
export type Statistics = Readonly<Record<Exclude<StatisticName, 'entropy'>, number>> & {
  readonly entropy?: number;
};

/** Tokens of the beginning: as many as a stream is held back for by default. */
const FIRST = 12;
/** A token below this probability was a guess. */
const LOW = Math.log(0.3);
/** One token that could not be told apart from impossible says no more than this. */
const LEAST = -12;
/** Letters and digits of the text, as a share, that its tokens must have. The rest may be a token that is held back. */
const COVERED = 0.5;
/** Of the likeliest tokens, for the entropy. */
const LIKELIEST = 5;

/**
 * Undefined where the probabilities cannot be trusted: none or no numbers, above 1, too few for the text, or of other tokens.
 * @param text - the answer so far, which may have more than its tokens' text around it
 */
export function statisticsOf(tokens: readonly TokenScore[], text: string): Statistics | undefined {
  return coverage(tokens, text) < COVERED ? undefined : ofSound(tokens, text);
}

function ofSound(tokens: readonly TokenScore[], text: string): Statistics | undefined {
  if (tokens.length === 0 || !tokens.every(isSound) || !areOf(tokens, text)) return undefined;
  const logs = tokens.map(({ logprob }) => Math.max(LEAST, Math.min(0, logprob)));
  return {
    mean: mean(logs),
    // an answer may have more tokens than a call takes arguments
    min: logs.reduce((least, log) => Math.min(least, log), 0),
    first: mean(logs.slice(0, FIRST)),
    low: logs.filter((log) => log < LOW).length / logs.length,
    ...entropyOf(tokens),
    length: tokens.length,
  };
}

/** Of the first tokens alone. */
export const beginningOf = (tokens: readonly TokenScore[], text: string): Statistics | undefined =>
  tokens.length <= FIRST ? statisticsOf(tokens, text) : ofSound(tokens.slice(0, FIRST), text);

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Rounding may put a certain token a hair above 1. */
const isSound = ({ logprob }: TokenScore): boolean => !Number.isNaN(logprob) && logprob <= 1e-4;

function entropyOf(tokens: readonly TokenScore[]): { readonly entropy?: number } {
  const all = tokens.map(({ top }) => top.slice(0, LIKELIEST));
  if (!all.every((top) => top.length >= 2 && top.every((log) => log <= 1e-4))) return {};
  return { entropy: mean(all.map(entropy)) };
}

/** Of the likeliest tokens, as if there were no others; nats. */
function entropy(top: readonly number[]): number {
  const shares = top.map(Math.exp);
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.reduce((total, share) => {
    const p = share / sum;
    return p > 0 ? total - p * Math.log(p) : total;
  }, 0);
}

/** Letters and digits alone are compared: spaces and parts of characters are written in more than one way. */
function areOf(tokens: readonly TokenScore[], text: string): boolean {
  const [said, written] = [lettersOf(tokens), bare(text)];
  // a stream's tokens may be a step ahead of its text, and a held-back stop text a step behind
  return said.length > 0 ? written.startsWith(said) || said.startsWith(written) : written === '';
}

const lettersOf = (tokens: readonly TokenScore[]): string =>
  bare(tokens.map((token) => token.text).join(''));

function coverage(tokens: readonly TokenScore[], text: string): number {
  const written = bare(text).length;
  return written === 0 ? 1 : lettersOf(tokens).length / written;
}

const bare = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]|\uFFFD/gu, '');
