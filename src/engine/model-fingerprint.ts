/** Which weights, or which build of a server (`system_fingerprint`), answered an attempt. */
import type { Target } from '../core/decision.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Attempt } from '../core/record.ts';
import type { Upstreams } from './egress.ts';

export interface FingerprintObserver {
  /** A whole answer, or one event of a stream. */
  observe(body: JsonObject): void;
  /** The digest of the weights if known; else the server's own fingerprint, if it sent one. */
  digest(): Pick<Attempt, 'modelDigest'>;
}

/** Long enough for a SHA-512 in hex: bounds what a server may send. */
const LONGEST = 140;

export function fingerprintObserver(
  { upstream, model }: Target,
  upstreams: Upstreams,
): FingerprintObserver {
  let fingerprint: string | undefined;
  return {
    observe: (body) => {
      if (fingerprint !== undefined) return;
      const given = body['system_fingerprint'];
      if (typeof given === 'string' && given !== '') fingerprint = given.slice(0, LONGEST);
    },
    digest: () => {
      const facts = upstreams.get(upstream)?.facts();
      const weights = facts?.model === model ? facts.modelDigest : undefined;
      const known = weights ?? fingerprint;
      return known === undefined ? {} : { modelDigest: known };
    },
  };
}
