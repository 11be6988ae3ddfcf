/** The signal `pii`: personal data or a secret is in the request. */
import { abstain, score, type Features, type Reading, type Signal } from '../core/signal.ts';
import { PHONE_REGIONS, type PhoneRegion } from '../core/phone-regions.ts';
import { Recurring } from '../lib/recurring.ts';
import { judge, type Counts } from './pii/judge.ts';

/**
 * Characters that are read in one go: .2 ms of prose, 4 ms of the most hostile text known (rows of
 * figures). A longer request lets others run in between.
 */
const CHUNK_CHARS = 25_000;

/** Chunks of a long text share this much, more than the longest find but a private key's body. */
const OVERLAP = 4_500;

/**
 * 1 when the request holds personal data or a secret that can be checked, in any of the spellings that `pii/judge.ts`
 * reads. Everything that leaves counts: messages of every role, tools, their arguments and results, metadata, the
 * query. It abstains where something was not read: that cannot be called clean. Names, postal addresses and dates of
 * birth are not recognised.
 */
export function pii(regions: readonly PhoneRegion[] = PHONE_REGIONS): Signal {
  /** Those beside the message that asks in which nothing was found: they are sent again with each turn, what asks is new. */
  const clean = new Recurring<true>(CHUNK_CHARS);
  return {
    name: 'pii',
    about: 'holds personal data or secrets that can be checked (not names)',
    evaluate: (features) => {
      const texts = features.texts ?? features.turns.map(({ text }) => text);
      const length = texts.reduce((sum, text) => sum + text.length, 0);
      if (length > CHUNK_CHARS) return slowly(texts, features, regions);
      const counts: Counts = new Map();
      const asking = features.turns.at(-1)?.text;
      for (const text of texts) {
        const mayRecur = text !== asking;
        if (mayRecur && clean.of(text) === true) continue;
        judge(text, counts, regions);
        if (mayRecur && counts.size === 0) clean.met(text, isTrue);
      }
      return reading(counts, features);
    },
  };
}

const isTrue = (): true => true;

/** In pieces, giving way to other requests between them. One find is enough: the score is then settled. */
async function slowly(
  texts: readonly string[],
  features: Features,
  regions: readonly PhoneRegion[],
): Promise<Reading> {
  const counts: Counts = new Map();
  let unbroken = 0;
  for (const text of texts)
    for (let from = 0; from < text.length && counts.size === 0; from += CHUNK_CHARS) {
      const piece = text.slice(Math.max(0, from - OVERLAP), from + CHUNK_CHARS);
      judge(piece, counts, regions);
      unbroken += piece.length;
      if (unbroken < CHUNK_CHARS) continue;
      unbroken = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  return reading(counts, features);
}

function reading(counts: Counts, { facts }: Features): Reading {
  const { remotePersonal = [] } = facts;
  if (counts.size > 0 || remotePersonal.length > 0) {
    const list = [...counts].map(([kind, times]) => `${times} ${kind}`);
    const elsewhere = remotePersonal.map((kind) => `${kind} in what it names at the cloud`);
    return score(1, [...list, ...elsewhere].join(', '));
  }
  if (facts.unread === undefined) return score(0, 'nothing that the validators know');
  return abstain(`not read: ${facts.unread.join(', ')}`, 'unread');
}
