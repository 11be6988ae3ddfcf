/** What attempts cost in money and energy: the prices, the equations and the configuration, put together. */
import type { Accountant } from '../core/accounting.ts';
import type { Cost, Energy, Usage } from '../core/record.ts';
import { asEnergy, cloudEnergy, cloudModel, type CloudModel } from './cloud-energy.ts';
import {
  configuredEnergy,
  energyOfPower,
  type ConfiguredEnergy,
  type PowerBounds,
} from './local-energy.ts';
import type { ConfiguredPrice, Pricing } from './prices.ts';
import { watchUsage, type CountTokens } from './watch.ts';

/** What an upstream's configuration says about money and energy. */
export interface UpstreamAccount {
  readonly url?: string;
  readonly price?: ConfiguredPrice;
  readonly energy?: ConfiguredEnergy;
}

export interface AccountOptions {
  readonly pricing: Pricing;
  readonly countTokens: CountTokens;
  readonly upstreams: ReadonlyMap<string, UpstreamAccount>;
  readonly priceUsdPerKwh: number;
  readonly localPower: PowerBounds;
}

type Spent = Parameters<Accountant['price']>[0];

const NANO_USD_PER_USD = 1e9;
const J_PER_KWH = 3.6e6;
/** Names come from answers too: a hostile upstream must not fill the memory with them. */
const KEPT_MODELS = 1_000;

export function createAccountant(options: AccountOptions): Accountant {
  const modelOf = rememberedModels();
  const accountOf = (upstream: string): UpstreamAccount => options.upstreams.get(upstream) ?? {};

  const energyOf = (usage: Usage, spent: Spent): Energy | null => {
    const { energy } = accountOf(spent.target.upstream);
    if (energy !== undefined) return configuredEnergy(usage, energy);
    if (spent.target.locality === 'local')
      return energyOfPower(options.localPower, spent.latencyMs);
    const { answeredModel, target } = spent;
    const model =
      (answeredModel === undefined ? undefined : modelOf(answeredModel)) ?? modelOf(target.model);
    if (model === undefined) return null;
    const answer = {
      outputTokens: usage.outputTokens,
      uncachedInputTokens: Math.max(0, usage.inputTokens - usage.cachedInputTokens),
      latencyMs: spent.latencyMs,
    };
    return asEnergy(cloudEnergy(model, answer));
  };

  const costOf = (usage: Usage, spent: Spent, energy: Energy | null): Cost | null => {
    const { url, price } = accountOf(spent.target.upstream);
    const { target, answeredModel, atMs, serviceTier } = spent;
    if (target.locality === 'local' && price === undefined) {
      return electricity(energy, options.priceUsdPerKwh);
    }
    const question = {
      atMs,
      ...(url === undefined ? {} : { url }),
      ...(price === undefined ? {} : { configured: price }),
      ...(serviceTier === undefined ? {} : { serviceTier }),
    };
    const answered = answeredModel ?? target.model;
    const cost = options.pricing.cost(usage, { ...question, model: answered });
    if (cost !== null || answered === target.model) return cost;
    return options.pricing.cost(usage, { ...question, model: target.model });
  };

  return {
    watch: (_call, features) => watchUsage(features, options.countTokens),
    price: (spent) => {
      const { usage } = spent;
      if (usage === undefined) return { cost: null, energy: null };
      const energy = energyOf(usage, spent);
      return { cost: costOf(usage, spent, energy), energy };
    },
    baseline: (usage, upstream, model, atMs) => {
      const { url, price } = accountOf(upstream);
      const cost = options.pricing.cost(usage, {
        model,
        atMs,
        ...(url === undefined ? {} : { url }),
        ...(price === undefined ? {} : { configured: price }),
      });
      return cost?.totalNanoUsd ?? null;
    },
  };
}

/** A local answer without a configured price costs its electricity, at the middle of its range. */
function electricity(energy: Energy | null, usdPerKwh: number): Cost | null {
  if (energy === null) return null;
  const joules = (energy.lowJ + energy.highJ) / 2;
  const nano = Math.round((joules / J_PER_KWH) * usdPerKwh * NANO_USD_PER_USD);
  return {
    totalNanoUsd: nano,
    kinds: { energy: nano },
    source: `electricity at ${usdPerKwh} USD/kWh, ${energy.method}`,
  };
}

function rememberedModels(): (name: string) => CloudModel | undefined {
  const known = new Map<string, CloudModel | undefined>();
  return (name) => {
    const found = known.get(name);
    if (found !== undefined || known.has(name)) return found;
    if (known.size >= KEPT_MODELS) known.clear();
    const model = cloudModel(name);
    known.set(name, model);
    return model;
  };
}
