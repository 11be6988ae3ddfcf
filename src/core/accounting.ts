/** The port between the path of a request and what it costs: `accounting/` implements it, the engine uses it. */
import type { Call } from './call.ts';
import type { Target } from './decision.ts';
import type { JsonObject } from '../lib/json.ts';
import type { EnergyAttribution } from './meter.ts';
import type { Carbon, Cost, Energy, Usage, Water } from './record.ts';
import type { Features } from './signal.ts';

/**
 * Observes one attempt's answer and computes the usage at the end.
 *
 * Methods, not getters: a getter that closes over the request gives each object its own V8 hidden class,
 * defeats inline caches, and retains the request until a major GC.
 */
export interface UsageMeter {
  /** A whole answer, or one event of a stream, in OpenAI's shape. */
  observe(body: JsonObject): void;
  /** The text of an event that is else like one observed before. */
  observeText(text: string): void;
  /** True once visible content was observed. */
  hasContent(): boolean;
  /** The model that the answer names. */
  answeredModel(): string | undefined;
  /**
   * The upstream's own figures where they are credible, else a count of what was observed, partial answers
   * included. Undefined when nothing was sent or produced. May take milliseconds: call it once.
   */
  usage(): Usage | undefined;
  /** Counts the request and the texts of `output`, whatever was observed or reported. May take milliseconds. */
  countUsage(output: readonly string[]): Usage;
}

/** What a model can do with one request, as far as that is known: more is not believed. */
export interface MostTokens {
  readonly input?: number | undefined;
  readonly output?: number | undefined;
}

export interface Accountant {
  watch(call: Call, features: Features, most?: MostTokens): UsageMeter;
  /** Pure. `latencyMs` is the attempt's. */
  price(spent: {
    readonly usage: Usage | undefined;
    readonly target: Target;
    readonly answeredModel: string | undefined;
    readonly latencyMs: number;
    readonly atMs: number;
    readonly serviceTier?: string;
    /** Of a carried call that was answered: it may have a fee. */
    readonly route?: string;
    /** What a meter of this machine attributes to the attempt: then nothing is modelled. */
    readonly attribution?: EnergyAttribution;
  }): {
    readonly cost: Cost | null;
    readonly energy: Energy | null;
    readonly carbon?: Carbon;
    readonly water?: Water;
  };
  /** Nano-USD that `model` at `upstream` would have cost for this usage; null = no known price. */
  baseline(usage: Usage, upstream: string, model: string, atMs: number): number | null;
  /** Energy of the same tokens there; undefined = not known, as for any local model. */
  baselineEnergy?(usage: Usage, upstream: string, model: string): Energy | undefined;
}
