/** The judge without the table of word pieces: the second head by itself, with a calibration of its own. */
import type { Judge } from './calibrated.ts';
import { featureNames, filler } from './features.ts';
import { model } from './model.ts';
import { reader } from './reader.ts';
import { taskOf } from './task.ts';
import { shippedWeights } from './weights.ts';
import { describeFeature } from './words.ts';

/** The width of the interval when only counts are read: the middle 80 of 100 rated needs, wherever they put a request. */
const OPEN = 0.3;

export function countsJudgement(): Judge {
  const read = reader();
  const names = featureNames(read.concepts);
  const predictor = model(shippedWeights(names));
  const fill = filler(read.concepts);
  const features = new Float64Array(names.length);
  return (turns, known) => {
    const task = taskOf(turns, known);
    fill(features, read.read(task.text), task.turns);
    const complexity = predictor.predict(features);
    return {
      complexity,
      confidence: [Math.max(0, complexity - OPEN), Math.min(1, complexity + OPEN)],
      because: () => {
        const said = predictor.reasons(features, 3).map((at) => describeFeature(names[at]!));
        const told = [...new Set(said.filter((words) => words !== ''))];
        return told.length === 0 ? '' : `: ${told.join(', ')}`;
      },
    };
  };
}
