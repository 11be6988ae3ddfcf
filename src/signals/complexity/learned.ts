/** From a judge's estimate to the reading of the signal, with the learned correction applied. */
import { hash } from 'node:crypto';
import {
  corrected,
  packSeen,
  unpackSeen,
  type JudgeWeights,
  type LearnedHead,
} from '../../core/learned-head.ts';
import type { Reading } from '../../core/signal.ts';
import type { DeepAnswer, Judgement } from './calibrated.ts';
import need from './need.json' with { type: 'json' };
import second from './weights.json' with { type: 'json' };

type Judged = Pick<DeepAnswer, 'complexity' | 'confidence'>;

interface Finishing {
  (answer: DeepAnswer, by?: string): Reading;
  /** With what was learned. */
  corrected(judged: Judged): Judged;
}

interface FinishOptions {
  readonly learned?: LearnedHead | undefined;
  readonly givesSeen?: boolean | undefined;
}

/** For a judgement of the fast judge: how its word, or the deep judge's after it, becomes the reading. */
export function finisher({ learned, givesSeen = false }: FinishOptions) {
  if (learned === undefined && !givesSeen) return (): Finishing => PLAIN;
  return ({ seen }: Pick<Judgement, 'seen'>): Finishing => {
    // the counts alone judge: they see none of what was learned from
    if (seen === undefined) return PLAIN;
    // Applied to the rounded bytes that a record holds, so that a replay corrects by the same numbers.
    const numbers = packSeen(seen());
    const shift = learned === undefined ? unmoved : moving(learned, unpackSeen({ numbers }));
    const kept = givesSeen ? { seen: { judge: judgeInForce().version, numbers } } : {};
    const finish = (answer: DeepAnswer, by = ''): Reading => {
      const reading = readingOf({ ...answer, ...shift(answer) }, by);
      if (learned === undefined) return { ...reading, ...kept };
      const before = answer.complexity;
      const moved = `; before what was learned here: ${percent(before)}`;
      return { ...reading, reason: `${reading.reason}${moved}`, before, ...kept };
    };
    return Object.assign(finish, { corrected: shift });
  };
}

const unmoved = (judged: Judged): Judged => judged;

/** The interval moves with the value. */
function moving(learned: LearnedHead, seen: readonly number[]): (judged: Judged) => Judged {
  const move = (value: number): number => corrected(value, learned, seen);
  return ({ complexity, confidence: [low, high] }) => ({
    complexity: move(complexity),
    confidence: [move(low), move(high)],
  });
}

type Score = Extract<Reading, { kind: 'score' }>;

function readingOf({ complexity: value, confidence, because }: DeepAnswer, by = ''): Score {
  const [low, high] = confidence;
  return {
    kind: 'score',
    score: value,
    reason: `the small model's answer would not do in ${percent(value)} of 100 such requests (${percent(low)} to ${percent(high)})${by}${because}`,
    confidence,
  };
}

const percent = (share: number): number => Math.round(share * 100);

const PLAIN: Finishing = Object.assign(readingOf, { corrected: unmoved });

/** Of the gate and of the second head. */
const BESIDE_PLACE = 2;

let inForce: JudgeWeights | undefined;

/** What the numbers that the judge sees depend on: made once, when it is first asked for. */
export function judgeInForce(): JudgeWeights {
  inForce ??= {
    version: hash('sha256', JSON.stringify([need.model, need.calibration, second])).slice(0, 12),
    numbers: need.model.dimensions + BESIDE_PLACE,
  };
  return inForce;
}
