/** The most that a request can cost by a price list: what is reserved before it is sent. */
import type { Rates } from './rates.ts';

export interface PriceBound {
  /** Of the input, at its dearest price; a whole number. */
  readonly fixedNanoUsd: number;
  /** Of each output token, at its dearest price. */
  readonly outputNanoUsd: number;
  /** Of each web search. */
  readonly searchNanoUsd: number;
}

/**
 * Over every price that an input of up to `inputTokens` can meet: read, cached, written to a cache, heard or seen, in each tier of
 * size, since fewer tokens may be charged than were estimated.
 * @param tiers by rising size, the last without end
 * @param factor of a service tier
 */
export function boundOf(
  inputTokens: number,
  tiers: readonly Rates[],
  factor: number,
): PriceBound | null {
  const last = tiers.findIndex(({ upTo }) => inputTokens <= upTo);
  const possible = tiers.slice(0, last + 1);
  if (possible.length === 0) return null;
  const most = (pick: (rates: Rates) => readonly (number | undefined)[]): number =>
    Math.max(...possible.flatMap((rates) => pick(rates).map((rate) => rate ?? 0))) * factor;
  const input = most((rates) => [
    rates.input,
    rates.cached,
    rates.written,
    rates.written1h,
    rates.inputAudio,
    rates.inputImage,
    rates.cachedAudio,
  ]);
  return {
    fixedNanoUsd: Math.ceil(inputTokens * input),
    outputNanoUsd: most((rates) => [rates.output, rates.outputAudio, rates.outputImage]),
    searchNanoUsd: most((rates) => [rates.webSearch]),
  };
}
