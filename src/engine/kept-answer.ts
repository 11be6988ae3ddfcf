/** An answer in the form in which the cache keeps it. */
import type { Tier, Target } from '../core/decision.ts';
import type { Usage } from '../core/record.ts';
import type { Answer } from '../core/upstream.ts';
import { flowOf } from '../lib/flow.ts';
import { isObject } from '../lib/json.ts';
import { packPieces, unpackPieces } from '../lib/packed-pieces.ts';

interface KeptHead {
  readonly kind: 'whole' | 'stream';
  /** The target that gave it, and the tier that the policy wanted for it. */
  readonly target: Target;
  readonly wanted: Tier;
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** What it cost; null = not known. */
  readonly costNanoUsd: number | null;
  readonly usage?: Usage;
}

export interface KeptAnswer extends KeptHead {
  /** A stream's events, one after the other; a whole answer is one. */
  readonly pieces: readonly Uint8Array[];
}

export const packAnswer = ({ pieces, ...head }: KeptAnswer): Uint8Array => packPieces(head, pieces);

/** Undefined for what another version kept, or is damaged. */
export function unpackAnswer(kept: Uint8Array): KeptAnswer | undefined {
  const found = unpackPieces(kept);
  if (found === undefined) return undefined;
  const { about, pieces } = found;
  return isHead(about) ? { ...about, pieces } : undefined;
}

/** Only `packAnswer` writes what is found under such a key. */
const isHead = (about: object): about is KeptHead => 'target' in about && 'wanted' in about;

/** The answer, to be written as if it came from its upstream. */
export function answerAgain({ kind, pieces }: KeptAnswer): Answer {
  if (kind === 'stream')
    return { kind, headers: {}, events: flowOf(pieces.map((bytes) => ({ bytes }))) };
  const bytes = Buffer.concat(pieces);
  const body: unknown = JSON.parse(bytes.toString('utf8'));
  return { kind, headers: {}, bytes, body: isObject(body) ? body : {} };
}
