/**
 * Implicit feedback: a caller's next request shows that an earlier answer was wrong, because the same turn is asked again or the user says
 * so. It is noted on the later request's record, as a weak label that only `learn` reads. Each process knows only its own requests.
 */
import type { ImplicitSign } from '../core/record.ts';
import { recentlyUsed } from '../lib/recently-used.ts';
import { isDenial } from './denial.ts';
import type { Routing } from './routing.ts';

export interface Signs {
  /** What this request says of an earlier answer, if anything. */
  read(known: Pick<Routing, 'features' | 'snapshot'>): ImplicitSign | undefined;
  /** Its answer was given: later requests may say something of it. */
  answered(requestId: string, known: Pick<Routing, 'snapshot'>): void;
}

/** Turns that are remembered; the oldest goes first. */
const MOST_TURNS = 20_000;
/** A repetition after this time means nothing. */
const LONGEST_MS = 3_600_000;

/** @param nowMs - monotonic */
export function implicitSigns(nowMs: () => number): Signs {
  const turns = recentlyUsed<string, { readonly id: string; readonly atMs: number }>(MOST_TURNS);
  const answerTo = (turn: string | undefined): string | undefined => {
    const found = turn === undefined ? undefined : turns.peek(turn);
    return found === undefined || nowMs() - found.atMs > LONGEST_MS ? undefined : found.id;
  };
  return {
    read: ({ features, snapshot: { threadKeys, earlierTurn, isNamedThread } }) => {
      const { facts } = features;
      if (facts.isToolLoop === true || facts.kind !== undefined) return undefined;
      const [, turn] = threadKeys ?? [];
      // many users of one key begin with the same words: a first turn is no sign unless its conversation has a name
      const isOwn = earlierTurn !== undefined || isNamedThread === true;
      const again = isOwn ? answerTo(turn) : undefined;
      if (again !== undefined) return { kind: 'asked-again', of: again };
      const before = answerTo(earlierTurn);
      return before === undefined || !isDenial(features.taskEnds ?? features.task)
        ? undefined
        : { kind: 'denied', of: before };
    },
    answered: (id, { snapshot: { threadKeys } }) => {
      const [, turn] = threadKeys ?? [];
      if (turn !== undefined) turns.set(turn, { id, atMs: nowMs() });
    },
  };
}
