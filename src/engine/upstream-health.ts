/** How one upstream stands: the breakers of its connection and of its models, what is under way, and how soon it answered lately. */
import type { AttemptCause } from '../core/errors.ts';
import type { Attempt } from '../core/record.ts';
import type { Soon } from '../lib/soon.ts';
import { Breaker, LOOKED_AT, type Failure, type KeptBreaker, type Leave } from './breaker.ts';
import { isIll, ModelHealth, type Asking, type KeptModel } from './model-health.ts';

/** Connection faults in a row before all of an upstream is left alone. */
const CONNECTION_FAULTS = 3;
/** Models are watched from their first failure on; the oldest go first. */
const MOST_MODELS = 256;
/** Times to first token that the median is taken of. */
const RECENT = 15;

/** What an attempt said of an upstream, for whoever keeps its health: this process, and others. */
export type HealthEvent =
  | { readonly kind: 'started' | 'untold'; readonly model: string; readonly caller: string }
  | { readonly kind: 'unreachable'; readonly model: string; readonly failure: Failure }
  | {
      readonly kind: 'ill';
      readonly model: string;
      readonly failure: Failure;
      readonly cause: AttemptCause;
    }
  /** It answered. The digest of the request, where one that fails is remembered. */
  | {
      readonly kind: 'well';
      readonly model: string;
      readonly caller: string;
      readonly digest: string;
    };

type Ended = Pick<Attempt, 'outcome' | 'cause'>;

/** What the end of an attempt says. */
export function kindOf({ outcome, cause }: Ended): Exclude<HealthEvent['kind'], 'started'> {
  if (outcome === 'aborted' || cause === 'aborted' || cause === 'withheld') return 'untold';
  if (outcome !== 'failed') return 'well';
  if (cause === 'unreachable') return 'unreachable';
  return isIll(cause) ? 'ill' : 'well';
}

/** What a process that begins to serve is told of an upstream. */
export interface KeptUpstream {
  readonly connection?: KeptBreaker | undefined;
  readonly models: readonly (readonly [model: string, kept: KeptModel])[];
}

interface UpstreamOptions {
  /** How many callers there are, as far as is known. */
  readonly known: () => number;
  /** Leave to try it, one of its models, or one for a caller. */
  readonly leaveOf: (model?: string, caller?: string) => Leave;
}

/** Times are monotonic milliseconds. */
export class UpstreamHealth {
  /** Attempts of this process. */
  inFlight = 0;
  /** Those of the others, as far as is known here. */
  elsewhere = 0;
  /** Median of the recent times to first token. */
  ttftMs: number | undefined;
  readonly connection: Breaker;
  /** Those that failed lately. */
  readonly models = new Map<string, ModelHealth>();
  readonly #options: UpstreamOptions;
  /** In the order they came, and the same by size. */
  readonly #recent: number[] = [];
  readonly #sorted: number[] = [];

  constructor(options: UpstreamOptions) {
    this.#options = options;
    this.connection = new Breaker(
      ({ failures }) => failures >= CONNECTION_FAULTS,
      options.leaveOf(),
    );
  }

  isWell(): boolean {
    return this.models.size === 0 && this.connection.isClosed();
  }

  /** An attempt that ends well says no more than that. */
  isCalm(model: string): boolean {
    return !this.models.has(model) && this.connection.isClosed();
  }

  /** Counts attempts that succeeded while everything was healthy. */
  answered(times: number, now: number): void {
    // The breaker looks at no more of them.
    for (let each = Math.min(times, LOOKED_AT); each > 0; each -= 1) this.connection.succeeded(now);
  }

  /** @param by the process that made the attempt; absent: this one */
  take(event: HealthEvent, now: number, by?: number): void {
    const { connection, models } = this;
    const model = models.get(event.model);
    switch (event.kind) {
      case 'started':
        connection.started(now, by);
        model?.started(event.caller, now, by);
        return;
      case 'untold':
        connection.untold();
        model?.untold(event.caller);
        return;
      case 'unreachable':
        connection.untold();
        model?.untold(event.failure.caller);
        connection.failed(event.failure, now);
        return;
      case 'ill':
        // Whatever came back came over a connection.
        connection.succeeded(now);
        this.#watched(event.model).failed(event.failure, event.cause, now);
        return;
      case 'well': {
        const { caller, digest } = event;
        this.well(event.model, { caller, digest: () => digest }, now);
      }
    }
  }

  /** It answered. */
  well(name: string, asking: Asking, now: number): void {
    this.connection.succeeded(now);
    const model = this.models.get(name);
    if (model === undefined) return;
    model.succeeded(asking, now);
    if (model.isQuiet(now)) this.models.delete(name);
  }

  /** Has leave brought here to try what a request of this caller may try. */
  ready(caller: string, now: number): readonly Soon<unknown>[] {
    const models = [...this.models.values()].map((model) => model.ready(caller, now));
    return [this.connection.ready(now), ...models];
  }

  departed(by: number): void {
    this.connection.departed(by);
    for (const model of this.models.values()) model.departed(by);
  }

  kept(now: number): KeptUpstream {
    return {
      connection: this.connection.kept(now),
      models: [...this.models].map(([name, model]) => [name, model.kept(now)]),
    };
  }

  adopt({ connection, models }: KeptUpstream, now: number): void {
    if (connection !== undefined) this.connection.adopt(connection, now);
    for (const [name, kept] of models) this.#watched(name).adopt(kept, now);
  }

  remember(ttftMs: number): void {
    const recent = this.#recent;
    const sorted = this.#sorted;
    recent.push(ttftMs);
    if (recent.length > RECENT) sorted.splice(sorted.indexOf(recent.shift() ?? 0), 1);
    const larger = sorted.findIndex((other) => other > ttftMs);
    sorted.splice(larger === -1 ? sorted.length : larger, 0, ttftMs);
    this.ttftMs = sorted[sorted.length >> 1];
  }

  #watched(name: string): ModelHealth {
    const before = this.models.get(name);
    if (before !== undefined) return before;
    const { models } = this;
    const [oldest] = models.keys();
    if (models.size >= MOST_MODELS && oldest !== undefined) models.delete(oldest);
    const { known, leaveOf } = this.#options;
    const model = new ModelHealth(known, (caller) => leaveOf(name, caller));
    models.set(name, model);
    return model;
  }
}
