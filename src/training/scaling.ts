/** Inputs brought to a common measure, in which requests are compared. */
import type { InputParts } from '../signals/complexity/inputs.ts';
import type { Pair } from './own-rows.ts';

/** What each part of the inputs weighs in the distance between two requests, chosen by leaving slices out. */
const FORM_WEIGHT = 0.3;
const COUNT_WEIGHT = 0.08;
const ASKED_WEIGHT = 0.75;
const CONTEXT_WEIGHT = 0.42;
/** Counts further from the mean than so many standard deviations say no more. */
const COUNT_REACH = 4;
/** One number an input: see `StoredNeed`. */
export interface Scaling {
  readonly middle: ArrayLike<number>;
  readonly factor: ArrayLike<number>;
  readonly limit: ArrayLike<number>;
}

/** Each part weighs in the distance what is chosen for it, whatever its own measure. */
export function scalingOf(
  examples: readonly { readonly inputs: Float64Array }[],
  parts: InputParts,
): Scaling {
  const size = examples[0]!.inputs.length;
  const middle = new Float64Array(size);
  const factor = new Float64Array(size);
  const limit = new Float64Array(size).fill(Number.POSITIVE_INFINITY);
  const counted = parts.form + parts.counts;
  for (let at = 0; at < size; at += 1) {
    if (at >= counted) {
      // the table is centred and scaled already; zero is a request without any context
      factor[at] = at < counted + parts.asked ? ASKED_WEIGHT : CONTEXT_WEIGHT;
      continue;
    }
    const values = examples.map(({ inputs }) => inputs[at]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    const weight = at < parts.form ? FORM_WEIGHT : COUNT_WEIGHT;
    middle[at] = mean;
    factor[at] = square < 1e-12 ? 0 : weight / Math.sqrt(square);
    limit[at] = COUNT_REACH * weight;
  }
  return { middle, factor, limit };
}

/** Inputs brought to a common measure. */
export const standardised = (
  inputs: Float64Array,
  { middle, factor, limit }: Scaling,
): Float64Array =>
  inputs.map((value, at) =>
    Math.max(-limit[at]!, Math.min(limit[at]!, (value - middle[at]!) * factor[at]!)),
  );

export const standardPair = ({ lang, english, other }: Pair, scaling: Scaling): Pair => ({
  lang,
  english: standardised(english, scaling),
  other: standardised(other, scaling),
});
