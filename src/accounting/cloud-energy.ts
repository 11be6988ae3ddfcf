/**
 * The energy of a cloud model's answer, modelled by EcoLogits' equations (github.com/mlco2/ecologits,
 * `impacts/llm.py` at commit 5be90da; doi 10.21105/joss.07471): server and GPUs per output token, a
 * batch of 64 on H100s at 16 bits, times the provider's PUE. Low and high come from the ranges of
 * parameters and PUE only: no confidence interval. EcoLogits counts no energy for input tokens; their
 * prefill is an extension made here and reported separately.
 */
import type { Energy } from '../core/record.ts';
import { J_PER_KWH } from '../lib/units.ts';
import { CLOUD_MODELS, type CloudProvider, type ModelRow, type Range } from './cloud-models.ts';

/** Wh per output token and GPU = ALPHA e^(BETA batch) active + GAMMA, fitted to ML.ENERGY on H100. */
const ALPHA = 1.1665273170451914e-6;
const BETA = -0.011205921025579175;
const GAMMA = 4.052928146734005e-5;
/** Seconds per output token where no speed was measured. */
const LATENCY_PER_BILLION = 0.0006785088094353663;
const LATENCY_PER_BATCHED = 0.0003119310311688259;
const LATENCY_BASE = 0.019473717579473387;
export const BATCH = 64;
const GPU_GB = 80;
/** 16 bits a parameter, and a fifth more for caches and activations. */
const GB_PER_BILLION = 2 * 1.2;
/** p5.48xlarge: eight GPUs in a server that draws 1.2 kW without them. */
export const GPUS_PER_SERVER = 8;
const SERVER_KW = 1.2;
/**
 * Wh per uncached input token and billion active parameters: the slope of Epoch AI's estimate for
 * GPT-4o, 0.3 Wh a typical query and 2.5 Wh at 10,000 input tokens with 100 billion active. One point
 * of one estimate; at 100,000 tokens the same source implies almost twice as much.
 */
const PREFILL_WH = 2.2e-6;

export interface CloudAnswer {
  readonly outputTokens: number;
  readonly uncachedInputTokens: number;
  /** Bounds the time that the servers were busy; undefined = not known. */
  readonly latencyMs?: number;
}

/** Joules, low to high: of the output by EcoLogits' equations, and of reading the prompt. */
export interface CloudEnergy {
  readonly decodeJ: Range;
  readonly prefillJ: Range;
}

export interface CloudModel extends Pick<CloudProvider, 'pue' | 'waterOnSite' | 'zone'> {
  readonly row: ModelRow;
}

/** The row for a model's name, dated or not, with or without a provider before a slash. */
export function cloudModel(name: string): CloudModel | undefined {
  const plain = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  const undated = plain.replace(/-(?:20\d{6}|20\d\d-\d\d-\d\d|\d\d-20\d\d|\d{4}|latest)$/, '');
  for (const { pue, waterOnSite, zone, models } of CLOUD_MODELS) {
    const row = own(models, plain) ?? own(models, undated);
    if (row !== undefined) return { row, pue, waterOnSite, zone };
  }
  return undefined;
}

/** The names in the table, without dates. */
export const cloudModelNames = (): readonly string[] =>
  CLOUD_MODELS.flatMap(({ models }) => Object.keys(models));

const own = (rows: Readonly<Record<string, ModelRow>>, name: string): ModelRow | undefined =>
  Object.hasOwn(rows, name) ? rows[name] : undefined;

export function cloudEnergy({ row, pue }: CloudModel, answer: CloudAnswer): CloudEnergy {
  const [, active] = row;
  const prefill = (answer.uncachedInputTokens * PREFILL_WH * J_PER_KWH) / 1000;
  return {
    decodeJ: [decodeJ(row, pue, 0, answer), decodeJ(row, pue, 1, answer)],
    prefillJ: [prefill * active[0], prefill * active[1]],
  };
}

/** The GPUs that serve an answer and their busy time, by EcoLogits' assumptions. */
export function machineFor(
  row: ModelRow,
  bound: 0 | 1,
  answer: CloudAnswer,
): { readonly gpus: number; readonly busySeconds: number } {
  return {
    gpus: gpusFor(row[0][bound]),
    busySeconds: busySeconds(row, row[1][bound], answer),
  };
}

function decodeJ(row: ModelRow, pue: Range, bound: 0 | 1, answer: CloudAnswer): number {
  const { gpus, busySeconds: seconds } = machineFor(row, bound, answer);
  const active = row[1][bound];
  const gpuKwh = (answer.outputTokens * (ALPHA * Math.exp(BETA * BATCH) * active + GAMMA)) / 1000;
  const hours = seconds / 3600;
  const serverKwh = (hours * SERVER_KW * gpus) / GPUS_PER_SERVER / BATCH;
  return pue[bound] * (serverKwh + gpus * gpuKwh) * J_PER_KWH;
}

/** The next power of two that holds the parameters. */
function gpusFor(totalBillions: number): number {
  return 2 ** Math.ceil(Math.log2(Math.ceil((totalBillions * GB_PER_BILLION) / GPU_GB)));
}

function busySeconds(row: ModelRow, activeBillions: number, answer: CloudAnswer): number {
  const [, , tokensPerSecond, ttftSeconds = 0] = row;
  const perToken =
    tokensPerSecond === undefined
      ? LATENCY_PER_BILLION * activeBillions + LATENCY_PER_BATCHED * BATCH + LATENCY_BASE
      : 1 / tokensPerSecond;
  const modelled = answer.outputTokens * perToken + ttftSeconds;
  const { latencyMs } = answer;
  return latencyMs === undefined ? modelled : Math.min(modelled, latencyMs / 1000);
}

const SOURCE = 'EcoLogits equations (5be90da), decode only';
const SOURCE_WITH_PREFILL = 'EcoLogits equations (5be90da) + prefill extension';

/** The sum of both parts as one range. */
export function asEnergy({ decodeJ: decode, prefillJ: prefill }: CloudEnergy): Energy {
  return {
    lowJ: decode[0] + prefill[0],
    highJ: decode[1] + prefill[1],
    method: 'modelled',
    source: prefill[1] > 0 ? SOURCE_WITH_PREFILL : SOURCE,
  };
}
