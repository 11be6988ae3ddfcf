/** What was asked, as the checks of an answer need it. */
import type { Turn } from '../core/signal.ts';
import type { AskedCall } from '../core/verify.ts';
import { bothEnds } from '../lib/both-ends.ts';
import { demandsOf } from '../wire/demands.ts';
import type { Asked } from './check.ts';

/** Its texts are made when they are asked for, and bounded. */
export function askedOf({ call, features, readings }: AskedCall): Asked {
  const { facts, taskEnds } = features;
  const stakes = readings['stakes'];
  return {
    ...demandsOf(call.operation, call.body),
    task: taskEnds ?? bothEnds(features.task, MOST_GIVEN),
    system: () => lastOf(features.turns, (turn) => turn.role === 'system'),
    given: () => lastOf(features.turns, () => true),
    maxTokens: facts.maxTokens,
    stakes: stakes?.kind === 'score' ? stakes.score : undefined,
  };
}

/** Characters of what the model was given that an answer is compared with: it may be as long as a body. */
const MOST_GIVEN = 200_000;

/** The end of what stands in these turns. */
function lastOf(turns: readonly Turn[], isRead: (turn: Turn) => boolean): string {
  const texts: string[] = [];
  let left = MOST_GIVEN;
  for (let at = turns.length - 1; at >= 0; at -= 1) {
    const turn = turns[at]!;
    if (!isRead(turn)) continue;
    texts.unshift(turn.text.slice(-left));
    left -= turn.text.length + 1;
    if (left <= 0) break;
  }
  return texts.join('\n');
}
