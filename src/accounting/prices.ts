/**
 * Prices of tokens, in integer nano-USD: the configuration's first, then the dated price list of
 * `@pydantic/genai-prices`, else null. A look-up in the list takes 70 µs, so its result for a model is
 * cached as rates per token for as long as its dated prices cannot change.
 */
import {
  calcPrice,
  findProvider,
  type ModelPrice,
  type PriceCalculation,
} from '@pydantic/genai-prices';
import type { Cost, Usage } from '../core/record.ts';
import { serviceTierOf } from './service-tier.ts';

/** USD per million tokens, as a configuration gives them. */
export interface ConfiguredPrice {
  readonly inputUsdPerMillion: number;
  /** Default: the input price. */
  readonly cachedInputUsdPerMillion?: number;
  readonly outputUsdPerMillion: number;
}

interface PriceQuestion {
  readonly model: string;
  /** The upstream's base URL; selects that provider's prices where it is a known one. */
  readonly url?: string;
  /** Takes precedence over the list. */
  readonly configured?: ConfiguredPrice;
  readonly atMs: number;
  /** As requested: `flex`, `priority`… */
  readonly serviceTier?: string;
}

export interface Pricing {
  /** Null = no known price. Under 1 µs for a model seen before. */
  cost(usage: Usage, question: PriceQuestion): Cost | null;
}

/** The source of the figures; the version pinned in `package.json`. */
export const PRICE_LIST = '@pydantic/genai-prices 0.1.8';

/** Nano-USD per token, for requests whose input has up to `upTo` tokens. */
interface Rates {
  readonly upTo: number;
  readonly input: number;
  readonly cached: number;
  readonly written: number;
  readonly output: number;
}

interface Listed {
  /** Ascending, the last without end; empty where rates cannot reproduce the list. */
  readonly tiers: readonly Rates[];
  readonly provider: string;
  readonly calculate: (usage: Usage, atMs: number) => PriceCalculation;
  /** The interval in which these rates hold: dated prices change. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** 1 USD per million tokens is 1,000 nano-USD a token. */
const NANO_PER_TOKEN = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Bounds the cache: names come from answers too, and a hostile upstream must not fill the memory. */
const KEPT_MODELS = 1_000;

export function createPricing(): Pricing {
  const cache = new Map<string, Listed | null>();
  const lookUp = (question: PriceQuestion): Listed | null => {
    const { model, url, atMs } = question;
    const key = url === undefined ? model : `${url} ${model}`;
    const found = cache.get(key);
    if (found === null) return null;
    if (found !== undefined && atMs >= found.fromMs && atMs < found.untilMs) return found;
    if (cache.size >= KEPT_MODELS) cache.clear();
    const fresh = readList(question);
    cache.set(key, fresh);
    return fresh;
  };
  return {
    cost: (usage, question) => {
      if (question.configured !== undefined) return configuredCost(usage, question.configured);
      const listed = lookUp(question);
      return listed === null ? null : listedCost(usage, listed, question);
    },
  };
}

function configuredCost(usage: Usage, price: ConfiguredPrice): Cost {
  const input = price.inputUsdPerMillion * NANO_PER_TOKEN;
  const cached = (price.cachedInputUsdPerMillion ?? price.inputUsdPerMillion) * NANO_PER_TOKEN;
  const output = price.outputUsdPerMillion * NANO_PER_TOKEN;
  return costOf(
    usage,
    { upTo: Infinity, input, cached, written: input, output },
    1,
    'configuration',
  );
}

function listedCost(usage: Usage, listed: Listed, { serviceTier, atMs }: PriceQuestion): Cost {
  const tier = serviceTierOf(listed.provider, serviceTier);
  const source = tier === undefined ? PRICE_LIST : `${PRICE_LIST}, ${tier.note}`;
  const factor = tier?.factor ?? 1;
  const rates = listed.tiers.find(({ upTo }) => usage.inputTokens <= upTo);
  if (rates !== undefined) return costOf(usage, rates, factor, source);
  const {
    input_price: input,
    output_price: output,
    total_price: total,
  } = listed.calculate(usage, atMs);
  const toNano = 1e9 * factor;
  // For search models the list also has a price per request, which is neither input nor output.
  const request = (total - input - output) * toNano;
  return withTotal({ input: input * toNano, output: output * toNano, request }, source);
}

/** Reasoning is part of the output, cache reads and writes are part of the input: nothing is charged twice. */
function costOf(usage: Usage, rates: Rates, factor: number, source: string): Cost {
  const { cached, written } = cacheParts(usage);
  const kinds = {
    input: (usage.inputTokens - cached - written) * rates.input * factor,
    cached_input: cached * rates.cached * factor,
    output: usage.outputTokens * rates.output * factor,
  };
  return written === 0
    ? withTotal(kinds, source)
    : withTotal({ ...kinds, cache_write: written * rates.written * factor }, source);
}

/** Limits the reported cache tokens to the input. */
function cacheParts({ inputTokens, cachedInputTokens, cacheWriteTokens = 0 }: Usage) {
  const cached = Math.min(cachedInputTokens, inputTokens);
  return { cached, written: Math.min(cacheWriteTokens, inputTokens - cached) };
}

function withTotal(exact: Readonly<Record<string, number>>, source: string): Cost {
  const kinds: Record<string, number> = {};
  let totalNanoUsd = 0;
  for (const kind in exact) {
    const nano = Math.round(exact[kind]!);
    kinds[kind] = nano;
    totalNanoUsd += nano;
  }
  return { totalNanoUsd, kinds, source };
}

/** The list's answer for a model, as rates where they say the same as the list itself. */
function readList(question: PriceQuestion): Listed | null {
  const { model, url, atMs } = question;
  const provider = url === undefined ? undefined : findProvider({ providerApiUrl: url });
  const options = provider === undefined ? {} : { provider };
  const calculate = (usage: Usage, whenMs: number): PriceCalculation => {
    const price = calcPrice(listUsage(usage), model, { ...options, timestamp: new Date(whenMs) });
    if (price === null) throw new Error(`The price list lost its entry for '${model}'.`);
    return price;
  };
  const found = calcPrice({ input_tokens: 1 }, model, { ...options, timestamp: new Date(atMs) });
  if (found === null) return null;
  const tiers = ratesOf(found.model_price);
  const window = windowOf(found.model.prices, atMs);
  const listed = { tiers, provider: found.provider.id, calculate, ...window };
  return agrees(listed, atMs) ? listed : { ...listed, tiers: [] };
}

/** Dated prices begin at midnight UTC, prices by the time of day at a minute. */
function windowOf(prices: unknown, atMs: number): { fromMs: number; untilMs: number } {
  if (!Array.isArray(prices)) return { fromMs: -Infinity, untilMs: Infinity };
  const isDaily = JSON.stringify(prices).includes('time_of_date');
  const span = isDaily ? MINUTE_MS : DAY_MS;
  const fromMs = Math.floor(atMs / span) * span;
  return { fromMs, untilMs: fromMs + span };
}

function ratesOf(prices: ModelPrice): readonly Rates[] {
  const { input_mtok: input, output_mtok: output } = prices;
  const { cache_read_mtok: cached = input, cache_write_mtok: written = input } = prices;
  const bounds = new Set([input, cached, written, output].flatMap(startsOf));
  const upTos = [...bounds].toSorted((a, b) => a - b);
  return [...upTos, Infinity].map((upTo) => ({
    upTo,
    input: usdAt(input, upTo) * NANO_PER_TOKEN,
    cached: usdAt(cached, upTo) * NANO_PER_TOKEN,
    written: usdAt(written, upTo) * NANO_PER_TOKEN,
    output: usdAt(output, upTo) * NANO_PER_TOKEN,
  }));
}

type Listing = ModelPrice[string];

const startsOf = (price: Listing): readonly number[] =>
  typeof price === 'object' ? price.tiers.map(({ start }) => start) : [];

/** The price of a request whose input is `size` tokens; a tier counts from one token above its start. */
function usdAt(price: Listing, size: number): number {
  if (typeof price !== 'object') return price ?? 0;
  return price.tiers.reduce((usd, tier) => (size > tier.start ? tier.price : usd), price.base);
}

/** Rates are used only if they reproduce the list's cost in each tier and with every kind of token. */
function agrees({ tiers, calculate }: Listed, atMs: number): boolean {
  return tiers.every((rates) => {
    const size = Number.isFinite(rates.upTo) ? rates.upTo : 3_000_000;
    const cache = { cachedInputTokens: 777, cacheWriteTokens: 555 };
    const usage = { inputTokens: size, ...cache, outputTokens: 333 };
    const full: Usage = { ...usage, reasoningTokens: 0, source: 'reported' };
    const ours = costOf(full, rates, 1, '').totalNanoUsd;
    return Math.abs(ours - calculate(full, atMs).total_price * 1e9) <= 2;
  });
}

function listUsage(usage: Usage) {
  const { cached, written } = cacheParts(usage);
  return {
    input_tokens: usage.inputTokens,
    cache_read_tokens: cached,
    cache_write_tokens: written,
    output_tokens: usage.outputTokens,
  };
}
