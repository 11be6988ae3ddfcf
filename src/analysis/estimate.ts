/** Estimates energy, carbon, water and cost of one answer of a model, and states how each figure is known. */
import {
  asEnergy,
  cloudEnergy,
  cloudModel,
  cloudModelNames,
  type CloudAnswer,
  type CloudEnergy,
  type CloudModel,
} from '../accounting/cloud-energy.ts';
import { cloudCarbon, cloudWater, localCarbon, localWater } from '../accounting/footprint.ts';
import { createPricing, type Pricing } from '../accounting/prices.ts';
import type { GridIntensity } from '../core/meter.ts';
import type { Carbon, Energy, Water } from '../core/record.ts';
import { loadYearlyGrid, yearlyOf } from '../meters/grid.ts';
import { measuredRange, type ReferenceModel } from '../models/reference-model.ts';
import { REFERENCE_MODELS, referenceModels } from '../models/reference.ts';
import { didYouMean } from '../lib/suggest.ts';
import { J_PER_KWH } from '../lib/units.ts';

export interface EstimateQuestion {
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Grid zone of the data centre; undefined = the provider's, for a small model `homeZone`. */
  readonly zone?: string;
  readonly homeZone: string;
  /** Price of a small model's electricity. */
  readonly priceUsdPerKwh: number;
  readonly atMs: number;
}

/** A figure is null where nothing is known; `notes` says why. */
export interface Estimate {
  readonly model: string;
  readonly tokens: { readonly input: number; readonly output: number };
  /** The table that the energy is from. */
  readonly basis: 'cloud-model' | 'small-model' | 'unknown';
  readonly energy: (Energy & EnergyParts) | null;
  /** Carbon intensity of the electricity; null without energy. */
  readonly grid: (GridIntensity & { readonly zone: string }) | null;
  readonly carbon: Carbon | null;
  readonly water: Water | null;
  readonly cost: EstimatedCost | null;
  readonly notes: readonly string[];
}

interface EnergyParts {
  readonly lowWh: number;
  readonly highWh: number;
  /** Joules of decoding and of prefill, where they are modelled separately. */
  readonly parts?: CloudEnergy;
}

interface EstimatedCost {
  readonly lowUsd: number;
  readonly highUsd: number;
  readonly source: string;
}

const J_PER_WH = 3600;

/** @throws Error for an unknown zone */
export async function estimate(question: EstimateQuestion): Promise<Estimate> {
  const grids = await loadYearlyGrid();
  const pricing = createPricing();
  const gridOf = (zone: string) => ({
    ...yearlyOf(grids, question.zone ?? zone),
    zone: question.zone ?? zone,
  });
  const { model, inputTokens: input, outputTokens: output } = question;
  const about = { model, tokens: { input, output } };
  const cloud = cloudModel(model);
  if (cloud !== undefined)
    return { ...about, ...ofCloud(question, cloud, gridOf(cloud.zone), pricing) };
  const known = referenceModels()(model);
  if (known !== undefined)
    return { ...about, ...ofSmall(question, known, gridOf(question.homeZone)) };
  return { ...about, ...ofPrice(question, pricing) };
}

type Figures = Omit<Estimate, 'model' | 'tokens'>;
type Grid = NonNullable<Estimate['grid']>;

const answerOf = ({ inputTokens, outputTokens }: EstimateQuestion): CloudAnswer => ({
  outputTokens,
  uncachedInputTokens: inputTokens,
});

function ofCloud(
  question: EstimateQuestion,
  model: CloudModel,
  grid: Grid,
  pricing: Pricing,
): Figures {
  const answer = answerOf(question);
  const parts = cloudEnergy(model, answer);
  const energy = asEnergy(parts);
  const cost = listedCost(question, pricing);
  const water = cloudWater(energy, { ...model, zone: grid.zone });
  return {
    basis: 'cloud-model',
    energy: { ...inWh(energy), ...(question.inputTokens > 0 ? { parts } : {}) },
    grid,
    carbon: cloudCarbon(energy, grid, model, answer),
    water: water ?? null,
    cost,
    notes: [
      ...noneOf(cost, NO_PRICE),
      ...noneOf(water, `The water of power stations in ${grid.zone} is not known.`),
    ],
  };
}

const NO_PRICE = 'The price list does not have this model.';

function ofSmall(question: EstimateQuestion, model: ReferenceModel, grid: Grid): Figures {
  const range = measuredRange(model);
  if (range === undefined) {
    return {
      ...NOTHING,
      basis: 'small-model',
      notes: [
        `${model.title} is in the catalogue, but no measurement of its energy is known, and a similar model's energy is no substitute: run it, and \`report\` shows its energy.`,
      ],
    };
  }
  const energy: Energy = {
    lowJ: range.low * question.outputTokens,
    highJ: range.high * question.outputTokens,
    method: 'modelled',
    source: range.source,
  };
  const water = localWater(energy, grid.zone);
  const usd = (joules: number): number => (joules / J_PER_KWH) * question.priceUsdPerKwh;
  return {
    basis: 'small-model',
    energy: inWh(energy),
    grid,
    carbon: localCarbon(energy, grid, 0, undefined),
    water: water ?? null,
    cost: {
      lowUsd: usd(energy.lowJ),
      highUsd: usd(energy.highJ),
      source: `electricity at ${question.priceUsdPerKwh} USD/kWh`,
    },
    notes: [
      'Measured on servers with many concurrent requests. One request at a time, on your own machine, can take several times more: `report` shows the energy here.',
      'The measurement includes prompts of ordinary length, so input tokens add nothing to it.',
      ...noneOf(water, `The water of power stations in ${grid.zone} is not known.`),
    ],
  };
}

/**
 * Gives no energy: the nine models of the table whose output costs 10 USD per million tokens differ by a
 * factor of 33 (middle of each modelled range, 400 tokens, prices of genai-prices 0.1.8).
 */
function ofPrice(question: EstimateQuestion, pricing: Pricing): Figures {
  const cost = listedCost(question, pricing);
  const why =
    cost === null
      ? `Nothing is known of '${question.model}': it is in none of the tables of cloud models, small models and prices.${meant(question.model)}`
      : ONLY_PRICE;
  return { ...NOTHING, basis: 'unknown', cost, notes: [why] };
}

function meant(model: string): string {
  const small = REFERENCE_MODELS.flatMap(({ name, ollamaTag }) => [name, ollamaTag ?? name]);
  return didYouMean(model, [...cloudModelNames(), ...small]);
}

const ONLY_PRICE =
  'Only its price is known. Its energy depends on its size and on its hardware, and neither is known.';

const NOTHING = { energy: null, grid: null, carbon: null, water: null, cost: null } as const;

const noneOf = (value: unknown, why: string): readonly string[] =>
  value === null || value === undefined ? [why] : [];

const inWh = (energy: Energy): Energy & EnergyParts => ({
  ...energy,
  lowWh: energy.lowJ / J_PER_WH,
  highWh: energy.highJ / J_PER_WH,
});

function listedCost(question: EstimateQuestion, pricing: Pricing): EstimatedCost | null {
  const { model, inputTokens, outputTokens, atMs } = question;
  const usage = { inputTokens, outputTokens, cachedInputTokens: 0, reasoningTokens: 0 };
  const cost = pricing.cost({ ...usage, source: 'counted' }, { model, atMs });
  if (cost === null) return null;
  const usd = cost.totalNanoUsd / 1e9;
  return { lowUsd: usd, highUsd: usd, source: cost.source };
}
