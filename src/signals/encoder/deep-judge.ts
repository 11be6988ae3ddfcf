/**
 * The deep judge: the fast judge's inputs and what an encoder makes of the task, compared with every rated
 * request. It takes milliseconds, and has a thread of its own.
 */
import {
  confidenceOf,
  type DeepAnswer,
  type DeepQuestion,
  valueAt,
} from '../complexity/calibrated.ts';
import { rawNeed } from '../complexity/heads.ts';
import { needModel } from '../complexity/need.ts';
import { namedParts, reasons } from '../complexity/reasons.ts';
import { bothExams, bothNeeds, type DeepFile, deepNeed } from './deep-file.ts';
import { openEncoder } from './encoder.ts';
import type { EncoderWeights } from './weights.ts';

/** Throws where the file does not fit. One judge is used by one caller at a time. */
export function deepJudge(
  weights: EncoderWeights,
  file: DeepFile,
): (question: DeepQuestion) => DeepAnswer {
  const encoder = openEncoder(weights);
  const named = namedParts(file.parts);
  const size = named.at(-1)!.to;
  const parts = [...named, { name: 'what is said', from: size, to: size + encoder.width }];
  const need = needModel(deepNeed(file, size + encoder.width, weights.hash), parts);
  const { calibration, examples } = file;
  const inputs = new Float64Array(size + encoder.width);
  return ({ pieces, inputs: given, need: fast, exam, second }) => {
    inputs.set(given);
    inputs.set(encoder.encode(pieces), size);
    const found = need.predict(inputs);
    const heads = { need: bothNeeds(found.need, fast), exam: bothExams(found.exam, exam) };
    const raw = rawNeed(heads, second);
    const complexity = valueAt(calibration.complexity, raw);
    const because = reasons({
      need: found.need,
      parts,
      rest: need.withoutEach(),
      nearest: examples[found.nearest]!,
      similarity: found.similarity,
    });
    return { complexity, confidence: confidenceOf(calibration, complexity), because };
  };
}
