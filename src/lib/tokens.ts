/**
 * Exact token counts with tiktoken, for texts where that does not block; estimates for the others.
 * `token-estimate.ts` has the estimate, which is what the hot path uses.
 */
import { createRequire } from 'node:module';
import type { Tiktoken } from 'tiktoken/lite';
import { estimateTokens, pieceKind } from './token-estimate.ts';

export { estimateTokens };

/** What `require` gives for these two paths, as the package declares them. */
interface LiteModule {
  readonly Tiktoken: typeof Tiktoken;
}
interface Ranks {
  readonly bpe_ranks: string;
  readonly special_tokens: Record<string, number>;
  readonly pat_str: string;
}

/** tiktoken takes time quadratic in an unbroken run and blocks meanwhile: 60,000 times "a" is 4 s. */
const LONGEST_RUN = 1000;
const LONGEST_TEXT = 100_000;

/** Whether `countTokens` counts this text, and does not estimate it instead. */
export function isCountable(text: string): boolean {
  if (text.length > LONGEST_TEXT) return false;
  if (text.length <= LONGEST_RUN) return true;
  let run = 0;
  let last = -1;
  for (let at = 0; at < text.length; at++) {
    const kind = pieceKind(text.charCodeAt(at));
    run = kind === last ? run + 1 : 1;
    if (run > LONGEST_RUN) return false;
    last = kind;
  }
  return true;
}

export interface TokenCounter {
  /** Exact, except for texts where that would block: see `isCountable`. About 1 µs a token. */
  countTokens(text: string): number;
  /** Gives the encoder's WASM memory back (75 MB); it is loaded anew at the next use. */
  free(): void;
}

/** Costs nothing until the first count: then 0.2 s and 75 MB of memory, once. */
export function createTokenCounter(): TokenCounter {
  let encoder: Tiktoken | undefined;
  const ready = (): Tiktoken => (encoder ??= loadEncoder());
  return {
    countTokens: (text) =>
      isCountable(text) ? ready().encode_ordinary(text).length : estimateTokens(text),
    free() {
      encoder?.free();
      encoder = undefined;
    },
  };
}

function loadEncoder(): Tiktoken {
  const require = createRequire(import.meta.url);
  const { Tiktoken: Encoder }: LiteModule = require('tiktoken/lite');
  const ranks: Ranks = require('tiktoken/encoders/o200k_base.json');
  return new Encoder(ranks.bpe_ranks, ranks.special_tokens, ranks.pat_str);
}
