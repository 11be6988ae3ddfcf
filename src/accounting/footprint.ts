/**
 * The carbon and the water of an answer, from its energy.
 *
 * Cloud, by EcoLogits (github.com/mlco2/ecologits, commit 5be90da): embodied carbon by the share of a
 * server's three years that the answer occupied; water by its documented formula, which takes the energy
 * before the PUE. (Its code takes it after, and so counts 9 to 20 % more.)
 */
import type { GridIntensity } from '../core/meter.ts';
import type { Carbon, Energy, Grams, Water } from '../core/record.ts';
import { J_PER_KWH } from '../lib/units.ts';
import {
  BATCH,
  GPUS_PER_SERVER,
  machineFor,
  type CloudAnswer,
  type CloudModel,
} from './cloud-energy.ts';
import { own } from '../lib/own.ts';

const SECONDS_PER_YEAR = 365 * 24 * 3600;
const SERVER_YEARS = 3;
/** Grams of CO2 equivalent to make an H100, and a p5.48xlarge without its GPUs. */
const GPU_G = 164_000;
const SERVER_G = 5_700_000;

/** Litres evaporated per kWh where it is generated: World Resources Institute, as used by EcoLogits. */
const WATER_L_PER_KWH: Readonly<Record<string, number>> = {
  USA: 3.1321,
  SWE: 6.0315,
  FRA: 3.6737,
  DEU: 1.947,
  GBR: 2.329,
  POL: 2.5135,
  IND: 3.4368,
  CHN: 6.0065,
};

/** The machine of local answers; its embodied carbon is spread over its lifetime. */
export interface Hardware {
  /** Kilograms of CO2 equivalent to make it. */
  readonly embodiedKg: number;
  readonly lifetimeYears: number;
}

const gramsOf = ({ lowJ, highJ }: Energy, { gramsPerKwh }: GridIntensity): Grams => ({
  lowG: (lowJ / J_PER_KWH) * gramsPerKwh,
  highG: (highJ / J_PER_KWH) * gramsPerKwh,
});

const sourceOf = ({ gramsPerKwh, source }: GridIntensity): string =>
  `${gramsPerKwh} g/kWh, ${source}`;

export function cloudCarbon(
  energy: Energy,
  grid: GridIntensity,
  model: CloudModel,
  answer: CloudAnswer,
): Carbon {
  return {
    operational: gramsOf(energy, grid),
    embodied: { lowG: embodiedG(model, 0, answer), highG: embodiedG(model, 1, answer) },
    method: 'modelled',
    source: sourceOf(grid),
  };
}

function embodiedG({ row }: CloudModel, bound: 0 | 1, answer: CloudAnswer): number {
  const { gpus, busySeconds } = machineFor(row, bound, answer);
  const grams = (gpus / GPUS_PER_SERVER) * SERVER_G + gpus * GPU_G;
  return (busySeconds / (SERVER_YEARS * SECONDS_PER_YEAR * BATCH)) * grams;
}

/** `machineMs` is the answer's share of the machine's time, in milliseconds. */
export function localCarbon(
  energy: Energy,
  grid: GridIntensity,
  machineMs: number,
  hardware: Hardware | undefined,
): Carbon {
  const made = hardware === undefined ? null : localEmbodiedG(machineMs, hardware);
  return {
    operational: gramsOf(energy, grid),
    embodied: made === null ? null : { lowG: made, highG: made },
    method: energy.method,
    source: sourceOf(grid),
  };
}

export function localEmbodiedG(machineMs: number, hardware: Hardware): number {
  const lifetimeMs = hardware.lifetimeYears * SECONDS_PER_YEAR * 1000;
  return hardware.embodiedKg * 1000 * (machineMs / lifetimeMs);
}

/** Undefined where the water use of the zone's power stations is not known. */
export function cloudWater(
  energy: Energy,
  { pue, waterOnSite, zone }: CloudModel,
): Water | undefined {
  const off = litresPerKwh(zone);
  if (off === undefined) return undefined;
  const millilitres = (joules: number, bound: 0 | 1): number =>
    (joules / J_PER_KWH / pue[bound]) * (waterOnSite[bound] + pue[bound] * off) * 1000;
  return {
    lowMl: millilitres(energy.lowJ, 0),
    highMl: millilitres(energy.highJ, 1),
    method: 'modelled',
    source: `EcoLogits' documented formula, ${zone} ${off} L/kWh`,
  };
}

/** A local machine evaporates no water on site: only power stations do. */
export function localWater({ lowJ, highJ }: Energy, zone: string): Water | undefined {
  const off = litresPerKwh(zone);
  if (off === undefined) return undefined;
  return {
    lowMl: (lowJ / J_PER_KWH) * off * 1000,
    highMl: (highJ / J_PER_KWH) * off * 1000,
    method: 'modelled',
    source: `${zone} ${off} L/kWh`,
  };
}

const litresPerKwh = (zone: string): number | undefined => own(WATER_L_PER_KWH, zone);
