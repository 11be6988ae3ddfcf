import { score, type Reading, type Signal } from '../core/signal.ts';
import { findPii } from './pii/find.ts';
import type { PiiKind } from './pii/span.ts';

/**
 * Characters that are read in one go: .2 ms of prose, 4 ms of the most hostile text known (rows of
 * figures). A longer request lets others run in between.
 */
const CHUNK_CHARS = 25_000;

/** Chunks of a long text share this much, more than the longest find but a private key's body. */
const OVERLAP = 4_500;

/**
 * 1 when the request holds personal data or a secret: e-mail, telephone, card (Luhn), IBAN (mod 97),
 * national numbers of the US, Spain, the UK and Germany (check digits), public IP addresses, API
 * keys, JSON web tokens, private keys. Everything that leaves counts: messages of every role, tools, their
 * arguments and results, metadata, the query. Names, postal addresses and dates of birth are not recognised.
 */
export function pii(): Signal {
  return {
    name: 'pii',
    about: 'holds personal data or secrets that can be checked (not names)',
    evaluate: (features) => {
      const texts = features.texts ?? features.turns.map(({ text }) => text);
      const length = texts.reduce((sum, text) => sum + text.length, 0);
      return length <= CHUNK_CHARS ? reading(countAll(texts)) : slowly(texts);
    },
  };
}

type Counts = Map<PiiKind, number>;

function countAll(texts: readonly string[]): Counts {
  const counts: Counts = new Map();
  for (const text of texts) count(text, counts);
  return counts;
}

function count(text: string, counts: Counts): void {
  for (const { kind } of findPii(text)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
}

/** In pieces, giving way to other requests between them. One find is enough: the score is then settled. */
async function slowly(texts: readonly string[]): Promise<Reading> {
  const counts: Counts = new Map();
  let unbroken = 0;
  for (const text of texts)
    for (let from = 0; from < text.length && counts.size === 0; from += CHUNK_CHARS) {
      const piece = text.slice(Math.max(0, from - OVERLAP), from + CHUNK_CHARS);
      count(piece, counts);
      unbroken += piece.length;
      if (unbroken < CHUNK_CHARS) continue;
      unbroken = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  return reading(counts);
}

function reading(counts: Counts): Reading {
  if (counts.size === 0) return score(0, 'nothing that the validators know');
  const list = [...counts].map(([kind, times]) => `${times} ${kind}`).join(', ');
  return score(1, list);
}
