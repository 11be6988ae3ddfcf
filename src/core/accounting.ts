/** The port between the path of a request and what it costs. `accounting/` implements it; the engine is handed it. */
import type { Call } from './call.ts';
import type { Target } from './decision.ts';
import type { JsonObject } from '../lib/json.ts';
import type { EnergyAttribution } from './meter.ts';
import type { Carbon, Cost, Energy, Usage, Water } from './record.ts';
import type { Features } from './signal.ts';

/**
 * Watches one attempt's answer go by, and knows in the end what it used.
 *
 * Methods, not accessors: one that closes over a request gives its object a hidden class of its own, which
 * no inline cache knows again, and which keeps all of the request until the whole heap is collected.
 */
export interface UsageMeter {
  /** A whole answer, or one event of a stream, in OpenAI's shape. */
  observe(body: JsonObject): void;
  /** True once something a person would see has gone by. */
  hasContent(): boolean;
  /** The model that the answer names. */
  answeredModel(): string | undefined;
  /**
   * The upstream's own figures where it gave credible ones, else counted from what went by, partial
   * answers included. Undefined when nothing was sent or produced. May take milliseconds: call it once.
   */
  usage(): Usage | undefined;
  /** Counts the request and the texts of `output`, whatever went by or was reported. May take milliseconds. */
  countUsage(output: readonly string[]): Usage;
}

export interface Accountant {
  watch(call: Call, features: Features): UsageMeter;
  /** Pure. `latencyMs` is the attempt's. */
  price(spent: {
    readonly usage: Usage | undefined;
    readonly target: Target;
    readonly answeredModel: string | undefined;
    readonly latencyMs: number;
    readonly atMs: number;
    readonly serviceTier?: string;
    /** What a meter of this machine says of the attempt: then nothing is modelled. */
    readonly share?: EnergyAttribution;
  }): {
    readonly cost: Cost | null;
    readonly energy: Energy | null;
    readonly carbon?: Carbon;
    readonly water?: Water;
  };
  /** Nano-USD that `model` at `upstream` would have charged for this usage; null = no known price. */
  baseline(usage: Usage, upstream: string, model: string, atMs: number): number | null;
  /** What the same tokens would have taken there; undefined = not known, as for any local model. */
  baselineEnergy?(usage: Usage, upstream: string, model: string): Energy | undefined;
}
