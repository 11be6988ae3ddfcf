/** The energy of attempts, as configured, else metered, else modelled; and its footprint. */
import type { Accountant } from '../core/accounting.ts';
import type { Target } from '../core/decision.ts';
import type { GridIntensity } from '../core/meter.ts';
import type { Carbon, Energy, Usage, Water } from '../core/record.ts';
import {
  asEnergy,
  cloudEnergy,
  cloudModel,
  type CloudAnswer,
  type CloudModel,
} from './cloud-energy.ts';
import { cloudCarbon, cloudWater, localCarbon, localWater, type Hardware } from './footprint.ts';
import {
  configuredEnergy,
  energyOfPower,
  type ConfiguredEnergy,
  type PowerBounds,
} from './local-energy.ts';

export interface EnergyAccountOptions {
  readonly upstreams: ReadonlyMap<string, { readonly energy?: ConfiguredEnergy }>;
  /** Of a machine without a meter. */
  readonly localPower: PowerBounds;
  /** The energy of a model measured on other hardware: preferred to `localPower`, which knows no model. */
  readonly measuredElsewhere?: (target: Target) => PerOutputToken | undefined;
  /** Undefined: no carbon and no water are computed. */
  readonly grid?: GridPlaces;
  /** The machine that local answers run on; undefined = its embodied carbon is not known. */
  readonly hardware?: Hardware;
}

/** Joules per output token, prompt included. */
interface PerOutputToken {
  readonly low: number;
  readonly high: number;
  readonly source: string;
}

export interface GridPlaces {
  /** The location of this machine. */
  readonly zone: string;
  readonly here: () => GridIntensity;
  /** Undefined for a zone that is not known. */
  readonly at: (zone: string) => GridIntensity | undefined;
}

type Spent = Parameters<Accountant['price']>[0];

interface Footprint {
  readonly carbon?: Carbon;
  readonly water?: Water;
}

export interface EnergyAccount {
  /** The configuration's figures take precedence: the operator has vouched for them. */
  energy(usage: Usage, spent: Spent): Energy | null;
  footprint(usage: Usage, spent: Spent, energy: Energy | null): Footprint;
  baseline(usage: Usage, upstream: string, model: string): Energy | undefined;
}

/** Bounds the cache: names come from answers too, and a hostile upstream must not fill the memory. */
const KEPT_MODELS = 1_000;

export function createEnergyAccount(options: EnergyAccountOptions): EnergyAccount {
  const modelOf = cachedModels();
  const configured = (upstream: string): ConfiguredEnergy | undefined =>
    options.upstreams.get(upstream)?.energy;
  const cloudModelOf = ({ answeredModel, target }: Spent): CloudModel | undefined =>
    (answeredModel === undefined ? undefined : modelOf(answeredModel)) ?? modelOf(target.model);
  const unmetered = (usage: Usage, target: Target, latencyMs: number): Energy => {
    const per = options.measuredElsewhere?.(target);
    return per === undefined
      ? energyOfPower(options.localPower, latencyMs)
      : energyOfTokens(usage, per);
  };
  return {
    energy: (usage, spent) => {
      const { target, attribution, latencyMs } = spent;
      const per = configured(target.upstream);
      if (per !== undefined) return configuredEnergy(usage, per);
      if (attribution !== undefined) return attribution.energy;
      if (target.locality === 'local') return unmetered(usage, target, latencyMs);
      const model = cloudModelOf(spent);
      return model === undefined ? null : asEnergy(cloudEnergy(model, answerOf(usage, latencyMs)));
    },
    footprint: (usage, spent, energy) => {
      const { grid, hardware } = options;
      if (energy === null || grid === undefined) return {};
      const { target, attribution, latencyMs } = spent;
      if (target.locality === 'cloud') {
        const answer = answerOf(usage, latencyMs);
        return cloudFootprint(energy, grid, cloudModelOf(spent), answer);
      }
      return localFootprint(energy, grid, attribution?.machineMs ?? latencyMs, hardware);
    },
    baseline: (usage, upstream, model) => {
      const per = configured(upstream);
      if (per !== undefined) return configuredEnergy(usage, per);
      const known = modelOf(model);
      return known === undefined ? undefined : asEnergy(cloudEnergy(known, answerOf(usage)));
    },
  };
}

function localFootprint(
  energy: Energy,
  grid: GridPlaces,
  machineMs: number,
  hardware: Hardware | undefined,
): Footprint {
  const carbon = localCarbon(energy, grid.here(), machineMs, hardware);
  return { carbon, ...asFootprint(localWater(energy, grid.zone)) };
}

/** Empty where the provider or its grid intensity is not known. */
function cloudFootprint(
  energy: Energy,
  grid: GridPlaces,
  model: CloudModel | undefined,
  answer: CloudAnswer,
): Footprint {
  const there = model === undefined ? undefined : grid.at(model.zone);
  if (model === undefined || there === undefined) return {};
  const carbon = cloudCarbon(energy, there, model, answer);
  return { carbon, ...asFootprint(cloudWater(energy, model)) };
}

const asFootprint = (water: Water | undefined): Footprint => (water === undefined ? {} : { water });

const answerOf = (usage: Usage, latencyMs?: number): CloudAnswer => ({
  outputTokens: usage.outputTokens,
  uncachedInputTokens: Math.max(0, usage.inputTokens - usage.cachedInputTokens),
  ...(latencyMs === undefined ? {} : { latencyMs }),
});

function cachedModels(): (name: string) => CloudModel | undefined {
  const cache = new Map<string, CloudModel | undefined>();
  return (name) => {
    const found = cache.get(name);
    if (found !== undefined || cache.has(name)) return found;
    if (cache.size >= KEPT_MODELS) cache.clear();
    const model = cloudModel(name);
    cache.set(name, model);
    return model;
  };
}

const energyOfTokens = (
  { outputTokens }: Usage,
  { low, high, source }: PerOutputToken,
): Energy => ({
  lowJ: low * outputTokens,
  highJ: high * outputTokens,
  method: 'modelled',
  source,
});
