/**
 * The energy of a cloud model of which nothing is known but its price: the range of the models in the
 * table whose output costs half to twice as much. It is wide, and meant to be: leaving out in turn each of
 * the table's 57 models with a price, 54 have a class; it overlaps the model's own range for 51 of them
 * and holds it whole for 47, and the middle one of these ranges spans a factor of 51 (held by a test).
 */
import type { Energy, Usage } from '../core/record.ts';
import {
  asEnergy,
  cloudEnergy,
  cloudModel,
  type CloudAnswer,
  type CloudModel,
} from './cloud-energy.ts';
import { CLOUD_MODELS } from './cloud-models.ts';
import type { Pricing } from './prices.ts';

export interface PricedModel {
  readonly name: string;
  readonly model: CloudModel;
  readonly usdPerMillionOutput: number;
}

/** A class is this many times cheaper to this many times dearer. */
const SPREAD = 2;
/** Fewer are no class. */
const LEAST_MEMBERS = 3;

/** The table's models that the price list knows. */
export function pricedModels(pricing: Pricing, atMs: number): readonly PricedModel[] {
  return CLOUD_MODELS.flatMap(({ models }) => Object.keys(models)).flatMap((name) => {
    const usdPerMillionOutput = outputPrice(pricing, name, atMs);
    const model = cloudModel(name);
    const isPriced = model !== undefined && usdPerMillionOutput !== undefined;
    return isPriced ? [{ name, model, usdPerMillionOutput }] : [];
  });
}

/** USD per million tokens of output; undefined where the list does not have the model, or has it for free. */
export function outputPrice(pricing: Pricing, model: string, atMs: number): number | undefined {
  const cost = pricing.cost(MILLION_OUT, { model, atMs });
  return cost === null || cost.totalNanoUsd === 0 ? undefined : cost.totalNanoUsd / 1e9;
}

const MILLION_OUT: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  outputTokens: 1_000_000,
  reasoningTokens: 0,
  source: 'counted',
};

/** Null where fewer than three models cost about as much. */
export function energyOfClass(
  usdPerMillionOutput: number,
  among: readonly PricedModel[],
  answer: CloudAnswer,
): Energy | null {
  const members = among.filter(({ usdPerMillionOutput: usd }) => {
    const ratio = usd / usdPerMillionOutput;
    return ratio >= 1 / SPREAD && ratio <= SPREAD;
  });
  if (members.length < LEAST_MEMBERS) return null;
  const each = members.map(({ model }) => asEnergy(cloudEnergy(model, answer)));
  return {
    lowJ: Math.min(...each.map(({ lowJ }) => lowJ)),
    highJ: Math.max(...each.map(({ highJ }) => highJ)),
    method: 'modelled',
    source: `price class: ${members.length} models whose output costs ${usdPerMillionOutput / SPREAD} to ${usdPerMillionOutput * SPREAD} USD per million tokens`,
  };
}
