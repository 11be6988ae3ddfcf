/**
 * Prices of tokens, in integer nano-USD: the configuration's first, then the dated price list of
 * `@pydantic/genai-prices`, else null. A look-up in the list takes 70 µs, so its result for a model is
 * cached as rates per token for as long as its dated prices cannot change.
 */
import type * as genaiPrices from '@pydantic/genai-prices';
import type { PriceCalculation } from '@pydantic/genai-prices';
import { createRequire } from 'node:module';
import type { Cost, Usage } from '../core/record.ts';
import { boundOf, type PriceBound } from './price-bound.ts';
import { cacheParts, costOf, NANO_PER_TOKEN, ratesOf, withTotal, type Rates } from './rates.ts';
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
  /** The most that so many input tokens and any output can cost; null = no known price by the token. */
  bound(inputTokens: number, question: PriceQuestion): PriceBound | null;
}

/** The source of the figures; the version pinned in `package.json`. */
export const PRICE_LIST = '@pydantic/genai-prices 0.1.8';

interface Listed {
  /** Ascending, the last without end; empty where rates cannot reproduce the list. */
  readonly tiers: readonly Rates[];
  readonly provider: string;
  readonly isByToken: boolean;
  readonly usdPerAudioHour?: number;
  readonly calculate: (usage: Usage, atMs: number) => PriceCalculation;
  /** The interval in which these rates hold: dated prices change. */
  readonly fromMs: number;
  readonly untilMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Bounds the cache: names come from answers too, and a hostile upstream must not fill the memory. */
const KEPT_MODELS = 1_000;

/** Prices with a list that is read from files. */
export interface ListPricing extends Pricing {
  /** Reads the list (some 10 ms), which else happens when a price is first asked for: where no descriptor is left, it cannot be. */
  open(): void;
}

type PriceList = Pick<typeof genaiPrices, 'calcPrice' | 'findProvider'>;

export function createPricing(read: () => PriceList = priceList): ListPricing {
  let list: PriceList | undefined;
  const listNow = (): PriceList => (list ??= read());
  // By address and model: a text of both would be made, and hashed, for each question.
  const cache = new Map<string | undefined, Map<string, Listed | null>>();
  let kept = 0;
  const keep = ({ url, model }: PriceQuestion, listed: Listed | null): void => {
    if (kept >= KEPT_MODELS) {
      cache.clear();
      kept = 0;
    }
    const models = cache.get(url) ?? new Map<string, Listed | null>();
    if (!models.has(model)) kept += 1;
    cache.set(url, models.set(model, listed));
  };
  const lookUp = (question: PriceQuestion): Listed | null => {
    const { model, url, atMs } = question;
    const found = cache.get(url)?.get(model);
    if (found === null) return null;
    if (found !== undefined && atMs >= found.fromMs && atMs < found.untilMs) return found;
    const fresh = readList(question, listNow());
    keep(question, fresh);
    return fresh;
  };
  return {
    open: () => void listNow(),
    cost: (usage, question) => {
      if (question.configured !== undefined) return configuredCost(usage, question.configured);
      const listed = lookUp(question);
      return listed === null ? null : listedCost(usage, listed, question);
    },
    bound: (inputTokens, question) => {
      if (question.configured !== undefined) {
        return boundOf(inputTokens, [configuredRates(question.configured)], 1);
      }
      const listed = lookUp(question);
      return listed === null ? null : listedBound(inputTokens, listed, question);
    },
  };
}

function configuredRates(price: ConfiguredPrice): Rates {
  const input = price.inputUsdPerMillion * NANO_PER_TOKEN;
  const cached = (price.cachedInputUsdPerMillion ?? price.inputUsdPerMillion) * NANO_PER_TOKEN;
  const output = price.outputUsdPerMillion * NANO_PER_TOKEN;
  return { upTo: Infinity, input, cached, written: input, output };
}

const configuredCost = (usage: Usage, price: ConfiguredPrice): Cost =>
  costOf(usage, configuredRates(price), { factor: 1, source: 'configuration' });

/** Output in whose price rates per token are found where the list has others beside them. */
const TRIED_OUTPUT = 1_000_000;

function listedBound(
  inputTokens: number,
  listed: Listed,
  { serviceTier, atMs }: PriceQuestion,
): PriceBound | null {
  if (!listed.isByToken) return null;
  // What is asked for may be served, and charged, at the standard price.
  const factor = Math.max(1, serviceTierOf(listed.provider, serviceTier)?.factor ?? 1);
  if (listed.tiers.length > 0) return boundOf(inputTokens, listed.tiers, factor);
  const total = (outputTokens: number): number =>
    listed.calculate({ ...NO_USAGE, inputTokens, outputTokens }, atMs).total_price * 1e9 * factor;
  const fixedNanoUsd = total(0);
  const outputNanoUsd = (total(TRIED_OUTPUT) - fixedNanoUsd) / TRIED_OUTPUT;
  return { fixedNanoUsd: Math.ceil(fixedNanoUsd), outputNanoUsd, searchNanoUsd: 0 };
}

const NO_USAGE = { cachedInputTokens: 0, reasoningTokens: 0, source: 'counted' } as const;

function listedCost(
  usage: Usage,
  listed: Listed,
  { serviceTier, atMs }: PriceQuestion,
): Cost | null {
  const tier = serviceTierOf(listed.provider, serviceTier);
  const source = tier === undefined ? PRICE_LIST : `${PRICE_LIST}, ${tier.note}`;
  const factor = tier?.factor ?? 1;
  if (usage.details?.audioSeconds !== undefined) return soundCost(usage, listed, source);
  // A list that prices other things than tokens would price tokens at 0.
  if (!listed.isByToken) return null;
  const rates = listed.tiers.find(({ upTo }) => usage.inputTokens <= upTo);
  if (rates !== undefined) {
    return costOf(usage, rates, { factor, source });
  }
  const {
    input_price: input,
    output_price: output,
    total_price: total,
  } = listed.calculate(usage, atMs);
  const toNano = 1e9 * factor;
  // The list also has prices per request and per web search, which no service tier changes.
  const request = (total - input - output) * 1e9;
  return withTotal({ input: input * toNano, output: output * toNano, request }, source);
}

/** Transcriptions that are charged by the length of the sound. */
function soundCost({ details }: Usage, { usdPerAudioHour }: Listed, source: string): Cost | null {
  if (usdPerAudioHour === undefined) return null;
  const hours = (details?.audioSeconds ?? 0) / SECONDS_PER_HOUR;
  return withTotal({ audio: hours * usdPerAudioHour * 1e9 }, source);
}

const SECONDS_PER_HOUR = 3600;

/** What is configured, and local, needs none. */
function priceList(): PriceList {
  const require = createRequire(import.meta.url);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the package's own types
  return require('@pydantic/genai-prices') as typeof genaiPrices;
}

/** The list's answer for a model, as rates where they say the same as the list itself. */
function readList(question: PriceQuestion, { calcPrice, findProvider }: PriceList): Listed | null {
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
  const { input_mtok: input, output_mtok: output, audio_hours: sound } = found.model_price;
  const listed = {
    tiers,
    provider: found.provider.id,
    isByToken: input !== undefined || output !== undefined,
    ...(typeof sound === 'number' ? { usdPerAudioHour: sound } : {}),
    calculate,
    ...window,
  };
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

/** Rates are used only if they reproduce the list's cost in each tier and with every kind of token. */
function agrees({ tiers, calculate }: Listed, atMs: number): boolean {
  return tiers.every((rates) => {
    const size = Number.isFinite(rates.upTo) ? rates.upTo : 3_000_000;
    const cache = { cachedInputTokens: 777, cacheWriteTokens: 555 };
    const usage = { inputTokens: size, ...cache, outputTokens: 333 };
    const full: Usage = { ...usage, reasoningTokens: 0, source: 'reported' };
    const ours = costOf(full, rates, { factor: 1, source: '' }).totalNanoUsd;
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
