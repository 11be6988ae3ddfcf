/** Cost, energy and footprint of attempts, from prices, equations and the configuration. */
import type { Accountant } from '../core/accounting.ts';
import type { Cost, Energy, Usage } from '../core/record.ts';
import { J_PER_KWH } from '../lib/units.ts';
import { createEnergyAccount, type EnergyAccountOptions } from './energy-account.ts';
import { feeCost, feeOf, type Fees } from './fees.ts';
import type { ConfiguredEnergy } from './local-energy.ts';
import type { ConfiguredPrice, Pricing } from './prices.ts';
import { usageMeter, type CountTokens } from './usage-meter.ts';

/** What an upstream's configuration says about money and energy. */
export interface UpstreamAccount {
  readonly url?: string;
  readonly price?: ConfiguredPrice;
  readonly fees?: Fees;
  readonly energy?: ConfiguredEnergy;
}

export interface AccountOptions extends EnergyAccountOptions {
  readonly pricing: Pricing;
  readonly countTokens: CountTokens;
  readonly upstreams: ReadonlyMap<string, UpstreamAccount>;
  readonly priceUsdPerKwh: number;
}

type Spent = Parameters<Accountant['price']>[0];

const NANO_USD_PER_USD = 1e9;

export function createAccountant(options: AccountOptions): Accountant {
  const joules = createEnergyAccount(options);
  const electricity = electricityCost(options.priceUsdPerKwh);
  const accountOf = (upstream: string): UpstreamAccount => options.upstreams.get(upstream) ?? {};

  const costOf = (usage: Usage, spent: Spent, energy: Energy | null): Cost | null => {
    const { url, price } = accountOf(spent.target.upstream);
    const { target, answeredModel, atMs } = spent;
    if (target.locality === 'local' && price === undefined) {
      return electricity(energy);
    }
    if (price === undefined && usage.chargedNanoUsd !== undefined) {
      return charged(usage.chargedNanoUsd);
    }
    const serviceTier = usage.serviceTier ?? spent.serviceTier;
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
    watch: (_call, features, most) => usageMeter(features, options.countTokens, most),
    price: (spent) => {
      const fee = spent.route && feeOf(accountOf(spent.target.upstream).fees, spent.route);
      if (typeof fee === 'number') return { cost: feeCost(fee), energy: null };
      const usage = spent.usage ?? (spent.attribution === undefined ? undefined : NOTHING_USED);
      if (usage === undefined) return { cost: null, energy: null };
      const energy = joules.energy(usage, spent);
      const cost = costOf(usage, spent, energy);
      return { cost, energy, ...joules.footprint(usage, spent, energy) };
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
    baselineEnergy: joules.baseline,
  };
}

/** A local attempt without output still used the machine, so its metered energy counts. */
const NOTHING_USED: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  source: 'counted',
};

/** A router knows which host answered at which price, and a price list cannot. */
const charged = (nanoUsd: number): Cost => ({
  totalNanoUsd: nanoUsd,
  kinds: { reported: nanoUsd },
  source: 'the cost that the upstream reported with its usage',
});

/** A local answer without a configured price costs its electricity, at the middle of its range. */
function electricityCost(usdPerKwh: number): (energy: Energy | null) => Cost | null {
  // made once: a text of its own for each answer would be looked up anew by whoever keeps it
  const sources = new Map<Energy['method'], string>();
  const sourceOf = (method: Energy['method']): string => {
    const known = sources.get(method);
    if (known !== undefined) return known;
    const source = `electricity at ${usdPerKwh} USD/kWh, ${method}`;
    sources.set(method, source);
    return source;
  };
  return (energy) => {
    if (energy === null) return null;
    const joules = (energy.lowJ + energy.highJ) / 2;
    const nano = Math.round((joules / J_PER_KWH) * usdPerKwh * NANO_USD_PER_USD);
    return { totalNanoUsd: nano, kinds: { energy: nano }, source: sourceOf(energy.method) };
  };
}
