/** The learned judge: how likely the small model's answer would not do. README.md beside this explains it. */
import type { LearnedHead } from '../../core/learned-head.ts';
import type { Reading, Signal, Turn } from '../../core/signal.ts';
import type { Soon } from '../../lib/soon.ts';
import { excerptReader } from '../encoder/excerpt.ts';
import {
  confidenceOf,
  type DeepAnswer,
  type DeepQuestion,
  type Judge,
  type Judgement,
  type Known,
  valueAt,
} from './calibrated.ts';
import { countsJudgement } from './counts-alone.ts';
import { finisher } from './learned.ts';
import { type Inputs, judgeInputs } from './inputs.ts';
import { model } from './model.ts';
import { needModel, type NeedModel, type Prediction } from './need.ts';
import { fastNeed } from './heads.ts';
import { shippedNeed } from './need-file.ts';
import { namedParts, reasons } from './reasons.ts';
import { shippedWeights } from './weights.ts';

export { keptQualityFor } from './kept-quality.ts';
export { judgeInForce } from './learned.ts';
export { thresholdFor, tradeOf } from './threshold.ts';

/** The deep judge, and when it is asked. */
export interface DeepAsking {
  /** `auto`: where the fast judge is in doubt about the side of the threshold. */
  readonly mode: 'auto' | 'always';
  /** Later the fast judge's word stands. */
  readonly deadlineMs: number;
  readonly ask: (question: DeepQuestion, deadlineMs: number) => Soon<DeepAnswer | undefined>;
}

export interface ComplexityOptions {
  readonly deep?: DeepAsking | undefined;
  /** Of the policy: the deep judge is asked where it lies in the fast one's doubt. */
  readonly threshold?: number | undefined;
  /** What was learned from this installation's own requests. */
  readonly learned?: LearnedHead | undefined;
  /** The reading also holds what was seen, in numbers. */
  readonly givesSeen?: boolean | undefined;
}

/**
 * Complexity in 0..1 of what the current turn asks. Synchronous, some 100 microseconds for a short prompt, unless the
 * deep judge is asked.
 */
export function complexity(options: ComplexityOptions = {}): Signal {
  const { deep, threshold } = options;
  const judge = judgement();
  const finish = finisher(options);
  return {
    name: 'complexity',
    about: 'a good small model’s answer would not do (0 simple, 1 complex)',
    ...(deep === undefined ? {} : { waitsMs: deep.deadlineMs }),
    evaluate: (features) => {
      const fast = judge(features.turns, features);
      const finished = finish(fast);
      const byFast = (): Reading => finished({ ...fast, because: fast.because() });
      if (deep === undefined || fast.question === undefined) return byFast();
      if (deep.mode === 'auto' && !isInDoubt(finished.corrected(fast), threshold)) return byFast();
      const asked = deep.ask(fast.question(), deep.deadlineMs);
      if (!(asked instanceof Promise))
        return asked === undefined ? byFast() : finished(asked, DEEP);
      // Its reasons must be found now: the next request is judged in the same buffers.
      const reading = byFast();
      return asked.then((answer) => (answer === undefined ? reading : finished(answer, DEEP)));
    },
  };
}

/** What stands before the reasons of the deep judge. */
const DEEP = '; the deep judge was asked';

/** The share of its interval in which the fast judge's doubt is worth the deep judge's time: `../encoder/README.md` has the figures. */
const DOUBT = 0.5;

function isInDoubt(
  { complexity: value, confidence: [low, high] }: Pick<Judgement, 'complexity' | 'confidence'>,
  threshold: number | undefined,
): boolean {
  if (threshold === undefined) return false;
  return threshold >= value - DOUBT * (value - low) && threshold <= value + DOUBT * (high - value);
}

/**
 * The judge behind the signal. Its buffers are its own: one judge is used by one caller at a time. Where
 * the table of word pieces is damaged, the counts alone judge, and the process says so once.
 */
export function judgement(): Judge {
  try {
    return fullJudgement();
  } catch (error) {
    process.emitWarning(
      `${error instanceof Error ? error.message : 'no table'}. Requests are judged by counts alone, less well`,
    );
    return countsJudgement();
  }
}

/**
 * A list of choices makes anything look like an exam's question, so it counts only if the question looks like one by itself, or if the
 * choices are about the same thing. With a list put behind them, a third of easy everyday requests passes, and 99 in 100 of MMLU's
 * questions.
 */
const EXAM_BY_ITSELF = 0.06;
const LIKE_THE_QUESTION = 0.05;

/** Reads a request with its choices, where it has some that belong to it. */
function readBy(
  inputs: Inputs,
  need: NeedModel,
  turns: readonly Turn[],
  known: Known | undefined,
): { values: Float64Array; found: Prediction } {
  let values = inputs.read(turns, known, 'choices');
  let found = need.predict(values);
  const choices = inputs.choices();
  if (choices === 0) return { values, found };
  const isExam = choices < 2 || found.exam >= EXAM_BY_ITSELF;
  values = inputs.read(turns, known);
  if (!isExam && inputs.likenessOfChoices() < LIKE_THE_QUESTION)
    values = inputs.read(turns, known, 'choices');
  found = need.predict(values);
  return { values, found };
}

function fullJudgement(): Judge {
  const inputs = judgeInputs('guarded');
  const file = shippedNeed(inputs.size);
  const parts = namedParts(inputs.parts);
  const need = needModel(file.model, parts);
  const second = model(shippedWeights(inputs.featureNames));
  const { calibration } = file;
  let excerpt: ReturnType<typeof excerptReader> | undefined;
  return (turns, known) => {
    const { values, found } = readBy(inputs, need, turns, known);
    const fails = second.predict(inputs.features);
    const raw = fastNeed(found, fails);
    const value = valueAt(calibration.complexity, raw);
    return {
      complexity: value,
      confidence: confidenceOf(calibration, value),
      because: () =>
        reasons({
          need: found.need,
          parts,
          rest: need.withoutEach(),
          nearest: file.examples[found.nearest]!,
          similarity: found.similarity,
        }),
      question: () => ({
        pieces: (excerpt ??= excerptReader())(inputs.said(), inputs.saidPieces()),
        inputs: values,
        need: found.need,
        exam: found.exam,
        second: fails,
      }),
      seen: () => [...need.place(), found.exam, fails],
    };
  };
}
