/** What a judge was measured to be worth: written by `calibrate --judge`, read before any audit. */
import { createHash } from 'node:crypto';
import type { JudgeCard } from '../core/audit.ts';

export function sealedJudge(card: Omit<JudgeCard, 'hash'>): JudgeCard {
  return { ...card, hash: hashOf(card) };
}

const hashOf = (card: Omit<JudgeCard, 'hash'>): string =>
  `sha256:${createHash('sha256').update(JSON.stringify(card)).digest('hex')}`;

/** @throws Error for what is no such card, and for one that was changed by hand */
export function readJudge(text: string): JudgeCard {
  let card: JudgeCard;
  try {
    // Its hash says whether `calibrate` wrote it: only then is its shape relied on.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    card = JSON.parse(text) as JudgeCard;
  } catch {
    throw new Error('it is not JSON');
  }
  const { hash, ...rest } = card;
  if (rest.format !== 1 || hash !== hashOf(rest))
    throw new Error('it was changed after it was measured: `smallfirst calibrate --judge` again');
  return card;
}
