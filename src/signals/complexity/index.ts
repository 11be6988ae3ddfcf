/** The learned judge: how likely the small model's answer would not do. README.md beside this explains it. */
import { score, type Signal, type Turn } from '../../core/signal.ts';
import { confidenceOf, type Judgement, valueAt } from './calibrated.ts';
import { countsJudgement } from './counts-alone.ts';
import { type Inputs, judgeInputs } from './inputs.ts';
import { model } from './model.ts';
import { needModel, type Prediction } from './need.ts';
import { type NeedFile, rawNeed, shippedNeed } from './need-file.ts';
import { shippedWeights } from './weights.ts';

export { keptQualityFor } from './kept-quality.ts';
export { thresholdFor } from './threshold.ts';

/** Complexity in 0..1 of what the current turn asks. Synchronous; some 100 microseconds for a short prompt. */
export function complexity(): Signal {
  const judge = judgement();
  return {
    name: 'complexity',
    about: 'a good small model’s answer would not do (0 simple, 1 complex)',
    evaluate: ({ turns }) => {
      const { complexity: value, confidence, because } = judge(turns);
      const [percent, low, high] = [value, ...confidence].map((each) => Math.round(each * 100));
      return {
        ...score(
          value,
          `the small model’s answer would not do in ${percent} of 100 such requests (${low} to ${high})${because()}`,
        ),
        confidence,
      };
    },
  };
}

/**
 * The judge behind the signal. Its buffers are its own: one judge is used by one caller at a time. Where
 * the table of word pieces is damaged, the counts alone judge, and the process says so once.
 */
export function judgement(): (turns: readonly Turn[]) => Judgement {
  try {
    return fullJudgement();
  } catch (error) {
    process.emitWarning(
      `${error instanceof Error ? error.message : 'no table'}. Requests are judged by counts alone, less well`,
    );
    return countsJudgement();
  }
}

function fullJudgement(): (turns: readonly Turn[]) => Judgement {
  const inputs = judgeInputs();
  const file = shippedNeed(inputs.size);
  const parts = partsOf(inputs);
  const need = needModel(file.model, parts);
  const second = model(shippedWeights(inputs.featureNames));
  const { calibration } = file;
  return (turns) => {
    const values = inputs.read(turns);
    const found = need.predict(values);
    const raw = rawNeed(found, second.predict(inputs.features));
    const value = valueAt(calibration.complexity, raw);
    return {
      complexity: value,
      confidence: confidenceOf(calibration, value),
      because: () => reasons({ parts, rest: need.withoutEach(), file, found }),
    };
  };
}

interface Found {
  readonly parts: readonly { readonly name: string }[];
  /** For each part the need where it says nothing. */
  readonly rest: readonly number[];
  readonly file: NeedFile;
  readonly found: Prediction;
}

/** A part that moves the estimate by less than this is no reason. */
const MIN_PUSH = 0.04;
/** A rated request less similar than this is no example. */
const MIN_SIMILARITY = 0.15;

/** Which parts push up or down, and the nearest rated request, in words. None of them is the caller's. */
function reasons({ parts, rest, file, found }: Found): string {
  const moved = parts
    .map(({ name }, at) => ({ name, push: found.need - rest[at]! }))
    .filter(({ push }) => Math.abs(push) >= MIN_PUSH)
    .toSorted((a, b) => Math.abs(b.push) - Math.abs(a.push))
    .map(({ name, push }) => `${name} ${push > 0 ? '+' : '−'}${Math.round(Math.abs(push) * 100)}`);
  const why = moved.length === 0 ? '' : `: ${moved.join(', ')}`;
  const { need: rated, text } = file.examples[found.nearest]!;
  if (text === '' || found.similarity < MIN_SIMILARITY) return why;
  return `${why}; nearest rated request: “${text}” (${Math.round(rated * 100)})`;
}

function partsOf({ parts }: Inputs): { name: string; from: number; to: number }[] {
  const { form, counts, asked, context } = parts;
  return [
    { name: 'form', from: 0, to: form },
    { name: 'kind of task', from: form, to: form + counts },
    { name: 'meaning', from: form + counts, to: form + counts + asked },
    { name: 'context', from: form + counts + asked, to: form + counts + asked + context },
  ];
}
