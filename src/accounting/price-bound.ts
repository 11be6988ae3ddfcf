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
  let [input, output, search] = [-1, 0, 0];
  for (const rates of tiers) {
    input = Math.max(input, dearestInput(rates));
    output = Math.max(output, rates.output, rates.outputAudio ?? 0, rates.outputImage ?? 0);
    search = Math.max(search, rates.webSearch ?? 0);
    if (inputTokens <= rates.upTo) break;
  }
  if (input < 0) return null;
  return {
    fixedNanoUsd: Math.ceil(inputTokens * input * factor),
    outputNanoUsd: output * factor,
    searchNanoUsd: search * factor,
  };
}

const dearestInput = (rates: Rates): number =>
  Math.max(
    rates.input,
    rates.cached,
    rates.written,
    rates.written1h ?? 0,
    rates.inputAudio ?? 0,
    rates.inputImage ?? 0,
    rates.cachedAudio ?? 0,
  );
