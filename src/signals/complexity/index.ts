/** The learned predictor: how likely the small model's answer would not do. README.md beside this explains it. */
import { score, type Signal, type Turn } from '../../core/signal.ts';
import { featureNames, filler } from './features.ts';
import { model, type Weights } from './model.ts';
import { reader } from './reader.ts';
import { taskOf } from './task.ts';
import { describeFeature } from './words.ts';
import { shippedWeights } from './weights.ts';

export { thresholdFor } from './threshold.ts';

/** Complexity in 0..1 of what the current turn asks. Synchronous; tens of microseconds for a short prompt. */
export function complexity(weights?: Weights): Signal {
  const judge = judgement(weights);
  return {
    name: 'complexity',
    about: 'the small model’s answer would not do (0 simple, 1 complex)',
    evaluate: ({ turns }) => {
      const { complexity: value, because } = judge(turns);
      const percent = Math.round(value * 100);
      return score(value, `like tasks the small model fails ${percent} % of the time${because()}`);
    },
  };
}

export interface Judgement {
  readonly complexity: number;
  /** Before calibration. */
  readonly raw: number;
  /** `: long, many digits`, or nothing where no feature stands out. Made only when asked for. */
  readonly because: () => string;
}

/** The judge behind the signal. Its buffers are its own: one judge is used by one caller at a time. */
export function judgement(given?: Weights): (turns: readonly Turn[]) => Judgement {
  const read = reader();
  const weights = given ?? shippedWeights(read.concepts);
  const names = featureNames(read.concepts);
  const predictor = model(weights);
  const fill = filler(read.concepts);
  const features = new Float64Array(names.length);
  return (turns) => {
    const task = taskOf(turns);
    fill(features, read.read(task.text), task.turns);
    const raw = predictor.raw(features);
    return {
      complexity: predictor.predict(features),
      raw,
      because: () => {
        const said = predictor.reasons(features, 3).map((at) => describeFeature(names[at]!));
        const known = [...new Set(said.filter((words) => words !== ''))];
        return known.length === 0 ? '' : `: ${known.join(', ')}`;
      },
    };
  };
}
