/** An answer as it is kept to be given again: a line of JSON about it, then its bytes. */
import type { Tier, Target } from '../core/decision.ts';
import type { Usage } from '../core/record.ts';
import type { Answer, StreamEvent } from '../core/upstream.ts';
import { isObject } from '../lib/json.ts';

interface KeptHead {
  readonly kind: 'whole' | 'stream';
  /** Who gave it, and which tier the policy wanted for it. */
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

const LINE_FEED = 10;

export function packAnswer({ pieces, ...head }: KeptAnswer): Uint8Array {
  const about = { ...head, lengths: pieces.map(({ length }) => length) };
  return Buffer.concat([Buffer.from(`${JSON.stringify(about)}\n`), ...pieces]);
}

/** Undefined for what another version kept, or is damaged. */
export function unpackAnswer(kept: Uint8Array): KeptAnswer | undefined {
  const bytes = Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength);
  const headEnd = bytes.indexOf(LINE_FEED);
  const about = parsed(bytes.toString('utf8', 0, Math.max(0, headEnd)));
  if (about === undefined) return undefined;
  const { lengths, ...head } = about;
  const pieces: Uint8Array[] = [];
  let at = headEnd + 1;
  for (const length of lengths) {
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return at === bytes.length ? { ...head, pieces } : undefined;
}

type About = KeptHead & { readonly lengths: readonly number[] };

function parsed(text: string): About | undefined {
  try {
    const about: unknown = JSON.parse(text);
    return isAbout(about) ? about : undefined;
  } catch {
    return undefined;
  }
}

/** Only `packAnswer` writes what is found under such a key. */
const isAbout = (about: unknown): about is About =>
  isObject(about) && Array.isArray(about['lengths']);

/** The answer, to be written as if it came from its upstream. */
export function answerAgain({ kind, pieces }: KeptAnswer): Answer {
  if (kind === 'stream') return { kind, headers: {}, events: eventsOf(pieces) };
  const bytes = Buffer.concat(pieces);
  const body: unknown = JSON.parse(bytes.toString('utf8'));
  return { kind, headers: {}, bytes, body: isObject(body) ? body : {} };
}

function eventsOf(pieces: readonly Uint8Array[]): AsyncIterator<StreamEvent> {
  let at = 0;
  const over = { done: true, value: undefined } as const;
  return {
    next: async () => {
      const bytes = pieces[at];
      at += 1;
      return bytes === undefined ? over : { done: false, value: { bytes } };
    },
    return: async () => {
      at = pieces.length;
      return over;
    },
  };
}
