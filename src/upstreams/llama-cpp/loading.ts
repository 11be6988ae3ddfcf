/** The outcome of loading a model. */
import type { LoadState } from '../../core/decision.ts';
import type { ModelInfo } from './protocol.ts';

export class Loading {
  info: ModelInfo | undefined;
  /** Monotonic milliseconds; undefined while it is not loaded. */
  warmSinceMs: number | undefined;
  #hasFailed = false;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  async watched(load: () => Promise<ModelInfo>): Promise<ModelInfo> {
    try {
      this.info = await load();
      this.warmSinceMs ??= this.#nowMs();
      this.#hasFailed = false;
      return this.info;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  /** It is loaded no more. */
  forget(): void {
    this.info = undefined;
    this.warmSinceMs = undefined;
  }

  state(isUnderWay: boolean): LoadState {
    if (this.info !== undefined) return 'warm';
    if (isUnderWay) return 'loading';
    return this.#hasFailed ? 'down' : 'cold';
  }
}
