/** How costly a bad answer would be, and why: a kernel machine over what a request means. */
import type { Meaning } from '../meaning/meaning.ts';
import { unpackNumbers } from '../meaning/packed-numbers.ts';

/** What training writes. */
export interface StoredStakes {
  readonly version: number;
  /** What can be at stake; an output each, and one more for anything at all. */
  readonly kinds: readonly string[];
  readonly dimensions: number;
  /** Examples, one row of signed bytes each, as base64; a byte is worth `step`. */
  readonly examples: string;
  readonly step: number;
  /** For each example a float32 an output, little-endian, as base64; the bias last. */
  readonly weights: string;
}

export interface Stakes {
  readonly kind: string;
  /** 0 nothing, 1 as much as in the examples of this kind. */
  readonly degree: number;
}

/** The kernel is exp(-WIDTH * squared distance); chosen by leaving languages out. */
export const STAKES_WIDTH = 0.05;
export const STAKES_VERSION = 1;
/** Of the table's main components the first are read. */
export const STAKES_DIMENSIONS = 64;
/** Characters that are read of a request, both ends of a longer one. */
const MAX_UNITS = 1200;

/** Judges a text. Buffers are its own: one machine is used by one caller at a time. */
export function stakesMachine(
  stored: StoredStakes,
  { dimensions: width, pool }: Meaning,
): (text: string) => Stakes {
  const { dimensions } = stored;
  if (stored.version !== STAKES_VERSION || dimensions !== STAKES_DIMENSIONS || dimensions > width)
    throw new Error(
      'src/signals/stakes/weights.json does not fit the code beside it: run `npm run train`',
    );
  const examples = Float32Array.from(
    new Int8Array(new Uint8Array(Buffer.from(stored.examples, 'base64')).buffer),
    (value) => value * stored.step,
  );
  const weights = unpackNumbers(stored.weights);
  const outputs = stored.kinds.length + 1;
  const count = examples.length / dimensions;
  const point = new Float64Array(width);
  const said = new Float64Array(outputs);

  return (text) => {
    if (pool(stakesText(text), point) === 0) return { kind: 'none', degree: 0 };
    for (let output = 0; output < outputs; output += 1)
      said[output] = weights[count * outputs + output]!;
    for (let row = 0; row < count; row += 1) {
      const from = row * dimensions;
      let distance = 0;
      for (let at = 0; at < dimensions; at += 1) {
        const apart = point[at]! - examples[from + at]!;
        distance += apart * apart;
      }
      const similarity = Math.exp(-STAKES_WIDTH * distance);
      for (let output = 0; output < outputs; output += 1)
        said[output]! += weights[row * outputs + output]! * similarity;
    }
    const kinds = stored.kinds.map((kind, at) => ({ kind, value: said[at]! }));
    const most = kinds.reduce((best, one) => (one.value > best.value ? one : best));
    const degree = Math.max(0, Math.min(1, said[outputs - 1]!));
    return { kind: most.kind, degree };
  };
}

/** What is read: capitals mean nothing here. */
export function stakesText(text: string): string {
  const half = MAX_UNITS / 2;
  const read = text.length > MAX_UNITS ? `${text.slice(0, half)}\n${text.slice(-half)}` : text;
  return read.toLowerCase();
}
