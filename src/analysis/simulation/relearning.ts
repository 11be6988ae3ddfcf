/** Recorded complexities with what another policy learned, in place of what was in force then. */
import { isDeepStrictEqual } from 'node:util';
import { corrected, unpackSeen, type LearnedHead } from '../../core/learned-head.ts';
import type { Policy } from '../../core/policy.ts';
import type { Reading, Readings } from '../../core/signal.ts';

export interface Relearned {
  readonly readings: Readings;
  /** What the judge saw was not kept, or was seen by one of other weights: its own word stands. */
  readonly isUnread: boolean;
}

/** @param known - policies whose learned heads are known by their versions */
export function relearning(
  { version, learned }: Pick<Policy, 'version' | 'learned'>,
  known: readonly Pick<Policy, 'version' | 'learned'>[],
): (readings: Readings, decidedBy: string) => Relearned {
  const alike = known.filter((one) => isDeepStrictEqual(one.learned, learned));
  const asBefore = new Set([version, ...alike.map((one) => one.version)]);
  return (readings, decidedBy) => {
    const { complexity } = readings;
    if (complexity?.kind !== 'score' || asBefore.has(decidedBy))
      return { readings, isUnread: false };
    const under = complexityUnder(learned, complexity);
    return under === complexity.score
      ? { readings, isUnread: isMissing(learned, complexity) }
      : {
          readings: { ...readings, complexity: { ...complexity, score: under } },
          isUnread: isMissing(learned, complexity),
        };
  };
}

type Score = Extract<Reading, { kind: 'score' }>;

const isMissing = (learned: LearnedHead | undefined, { seen }: Score): boolean =>
  learned !== undefined && seen?.judge !== learned.judge;

/** The judge's own word where what it saw is not known. */
function complexityUnder(
  learned: LearnedHead | undefined,
  { score, before = score, seen }: Score,
): number {
  if (learned === undefined || seen?.judge !== learned.judge) return before;
  return corrected(before, learned, unpackSeen(seen));
}
