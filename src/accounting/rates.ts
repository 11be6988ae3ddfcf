/** Prices by the token and by the call, as rates, and what a usage costs by them: in integer nano-USD. */
import type { ModelPrice } from '@pydantic/genai-prices';
import type { Cost, Usage } from '../core/record.ts';

/** Nano-USD per token, for requests whose input has up to `upTo` tokens. */
export interface Rates {
  readonly upTo: number;
  readonly input: number;
  readonly cached: number;
  readonly written: number;
  readonly output: number;
  /** For kinds that are not charged as text; undefined = the list has no price of their own. */
  readonly inputAudio?: number;
  readonly inputImage?: number;
  readonly cachedAudio?: number;
  readonly written1h?: number;
  readonly outputAudio?: number;
  readonly outputImage?: number;
  /** Per search. */
  readonly webSearch?: number;
}

/** 1 USD per million tokens is 1,000 nano-USD a token; 1 USD per thousand calls is 1,000,000 a call. */
export const NANO_PER_TOKEN = 1_000;
const NANO_PER_CALL = 1_000_000;

/** A factor on all tokens (a service tier's), and where the prices come from. */
export interface Basis {
  readonly factor: number;
  readonly source: string;
}

/**
 * Reasoning is part of the output, cache reads and writes are part of the input: nothing is charged twice. Kinds
 * without a price of their own are charged as the text that they are part of.
 */
export function costOf(usage: Usage, rates: Rates, { factor, source }: Basis): Cost {
  const { cached, written } = cacheParts(usage);
  const { details } = usage;
  const kinds = {
    input: (usage.inputTokens - cached - written) * rates.input * factor,
    cached_input: cached * rates.cached * factor,
    output: usage.outputTokens * rates.output * factor,
    ...(written === 0 ? {} : { cache_write: written * rates.written * factor }),
  };
  if (details === undefined) return withTotal(kinds, source);
  const { webSearches = 0 } = details;
  const isFree = webSearches > 0 && rates.webSearch === undefined;
  return withTotal(
    {
      ...withDetails(kinds, usage, { rates, factor }),
      ...(webSearches === 0 ? {} : { web_search: webSearches * (rates.webSearch ?? 0) }),
    },
    isFree ? `${source}, without ${webSearches} web searches, which it has no price for` : source,
  );
}

/** Tokens that are charged as `to`, at a rate of their own, and not as text. */
type Moved = readonly [
  count: number,
  from: 'input' | 'cached_input' | 'cache_write' | 'output',
  to: string,
  rate: number | undefined,
];

/** The kinds, with what audio, images and caches of an hour cost more or less than text. No part exceeds its whole. */
function withDetails(
  kinds: Readonly<Record<string, number>>,
  usage: Usage,
  { rates, factor }: { readonly rates: Rates; readonly factor: number },
): Readonly<Record<string, number>> {
  const { cached, written } = cacheParts(usage);
  const { details = {}, outputTokens } = usage;
  const fresh = usage.inputTokens - cached - written;
  const cachedAudio = Math.min(details.cachedAudioTokens ?? 0, cached);
  const audio = Math.min(Math.max(0, (details.inputAudioTokens ?? 0) - cachedAudio), fresh);
  const image = Math.min(details.inputImageTokens ?? 0, fresh - audio);
  const spoken = Math.min(details.outputAudioTokens ?? 0, outputTokens);
  const drawn = Math.min(details.outputImageTokens ?? 0, outputTokens - spoken);
  const hour = Math.min(details.cacheWrite1hTokens ?? 0, written);
  const moved: readonly Moved[] = [
    [audio, 'input', 'input_audio', rates.inputAudio],
    [image, 'input', 'input_image', rates.inputImage],
    [cachedAudio, 'cached_input', 'cached_audio', rates.cachedAudio],
    [hour, 'cache_write', 'cache_write_1h', rates.written1h],
    [spoken, 'output', 'output_audio', rates.outputAudio],
    [drawn, 'output', 'output_image', rates.outputImage],
  ];
  const text = {
    input: rates.input,
    cached_input: rates.cached,
    cache_write: rates.written,
    output: rates.output,
  };
  const split: Record<string, number> = { ...kinds };
  for (const [count, from, to, rate] of moved) {
    if (count === 0 || rate === undefined) continue;
    split[from] = (split[from] ?? 0) - count * text[from] * factor;
    split[to] = count * rate * factor;
  }
  return split;
}

/** Limits the reported cache tokens to the input. */
export function cacheParts({ inputTokens, cachedInputTokens, cacheWriteTokens = 0 }: Usage): {
  readonly cached: number;
  readonly written: number;
} {
  const cached = Math.min(cachedInputTokens, inputTokens);
  return { cached, written: Math.min(cacheWriteTokens, inputTokens - cached) };
}

/**
 * Each kind is rounded once, and the total is the sum of what was rounded, so that the parts of a bill add up.
 * @param exact nano-USD by kind, not rounded
 */
export function withTotal(exact: Readonly<Record<string, number>>, source: string): Cost {
  const kinds: Record<string, number> = {};
  let totalNanoUsd = 0;
  for (const kind in exact) {
    const nano = Math.round(exact[kind]!);
    kinds[kind] = nano;
    totalNanoUsd += nano;
  }
  return { totalNanoUsd, kinds, source };
}

/** By rising size of the input; the last without end. */
export function ratesOf(prices: ModelPrice): readonly Rates[] {
  const { input_mtok: input, output_mtok: output } = prices;
  const { cache_read_mtok: cached = input, cache_write_mtok: written = input } = prices;
  const bounds = new Set([input, cached, written, output].flatMap(startsOf));
  const upTos = [...bounds].toSorted((a, b) => a - b);
  const upTo = (size: number): Rates => ({
    upTo: size,
    input: usdAt(input, size) * NANO_PER_TOKEN,
    cached: usdAt(cached, size) * NANO_PER_TOKEN,
    written: usdAt(written, size) * NANO_PER_TOKEN,
    output: usdAt(output, size) * NANO_PER_TOKEN,
    ...detailRates(prices, size),
  });
  return [...upTos, Infinity].map(upTo);
}

/** The price list's names for what is not charged as text. */
const LISTED: readonly (readonly [keyof Rates, listed: string, nano: number])[] = [
  ['inputAudio', 'input_audio_mtok', NANO_PER_TOKEN],
  ['inputImage', 'input_image_mtok', NANO_PER_TOKEN],
  ['cachedAudio', 'cache_audio_read_mtok', NANO_PER_TOKEN],
  ['written1h', 'cache_write_1h_mtok', NANO_PER_TOKEN],
  ['outputAudio', 'output_audio_mtok', NANO_PER_TOKEN],
  ['outputImage', 'output_image_mtok', NANO_PER_TOKEN],
  ['webSearch', 'web_searches_kcount', NANO_PER_CALL],
];

function detailRates(prices: ModelPrice, upTo: number): Partial<Rates> {
  const listed = LISTED.filter(([, name]) => prices[name] !== undefined);
  return Object.fromEntries(
    listed.map(([rate, name, nano]) => [rate, usdAt(prices[name], upTo) * nano]),
  );
}

type Listing = ModelPrice[string];

const startsOf = (price: Listing): readonly number[] =>
  typeof price === 'object' ? price.tiers.map(({ start }) => start) : [];

/** The price of a request whose input is `size` tokens; a tier counts from one token above its start. */
function usdAt(price: Listing, size: number): number {
  if (typeof price !== 'object') return price ?? 0;
  return price.tiers.reduce((usd, tier) => (size > tier.start ? tier.price : usd), price.base);
}
