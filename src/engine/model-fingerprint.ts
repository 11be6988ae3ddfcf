/** Which weights, or which build of a server (`system_fingerprint`), answered an attempt. */
import type { Target } from '../core/decision.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Upstreams } from './egress.ts';

/** Long enough for a SHA-512 in hex: bounds what a server may send. */
const LONGEST = 140;

export class FingerprintObserver {
  readonly #target: Target;
  readonly #upstreams: Upstreams;
  #fingerprint: string | undefined;

  constructor(target: Target, upstreams: Upstreams) {
    this.#target = target;
    this.#upstreams = upstreams;
  }

  /** A whole answer, or one event of a stream. */
  observe(body: JsonObject): void {
    if (this.#fingerprint !== undefined) return;
    const given = body['system_fingerprint'];
    if (typeof given === 'string' && given !== '') this.#fingerprint = given.slice(0, LONGEST);
  }

  /** The digest of the weights if known; else the server's own fingerprint, if it sent one. */
  digest(): string | undefined {
    const { upstream, model } = this.#target;
    const facts = this.#upstreams.get(upstream)?.facts();
    const weights = facts?.model === model ? facts.modelDigest : undefined;
    return weights ?? this.#fingerprint;
  }
}
