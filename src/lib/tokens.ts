/**
 * Exact token counts with tiktoken, for texts where that does not block; estimates for the others.
 * `token-estimate.ts` has the estimate, which is what the hot path uses.
 */
import { createRequire } from 'node:module';
import type { Tiktoken } from 'tiktoken/lite';
import { estimateTokens, pieceKind } from './token-estimate.ts';
import { unitAt } from './text-units.ts';

export { estimateTokens };

/** The types of the two `require`d paths, as the package declares them. */
interface LiteModule {
  readonly Tiktoken: typeof Tiktoken;
}
interface Ranks {
  readonly bpe_ranks: string;
  readonly special_tokens: Record<string, number>;
  readonly pat_str: string;
}

/** tiktoken takes time quadratic in an unbroken run and blocks meanwhile: 60,000 times "a" is 4 s. */
const MAX_RUN_CHARS = 1000;
const MAX_TEXT_CHARS = 100_000;

/** Whether `countTokens` counts this text rather than estimates it. */
export function isCountable(text: string): boolean {
  if (text.length > MAX_TEXT_CHARS) return false;
  if (text.length <= MAX_RUN_CHARS) return true;
  let run = 0;
  let last = -1;
  for (let at = 0, end = text.length; at < end; at++) {
    const kind = pieceKind(unitAt(text, at));
    run = kind === last ? run + 1 : 1;
    if (run > MAX_RUN_CHARS) return false;
    last = kind;
  }
  return true;
}

export interface TokenCounter {
  /** Exact, except for texts where that would block: see `isCountable`. About 1 µs a token. */
  countTokens(text: string): number;
  /** Frees the encoder's WASM memory (75 MB); the next use loads it again. */
  free(): void;
}

/**
 * Costs nothing until the first count: then 0.2 s and 75 MB of memory, once. While the encoder cannot be loaded, as with no file
 * descriptors left, texts are estimated.
 */
export function createTokenCounter(load: () => Tiktoken = loadEncoder): TokenCounter {
  let encoder: Tiktoken | undefined;
  const ready = (): Tiktoken | undefined => {
    try {
      return (encoder ??= load());
    } catch {
      return undefined;
    }
  };
  const counted = (text: string): number | undefined =>
    isCountable(text) ? ready()?.encode_ordinary(text).length : undefined;
  return {
    countTokens: (text) => counted(text) ?? estimateTokens(text),
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
