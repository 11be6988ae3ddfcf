/** The shipped weights of the deep judge's head. */
import type { Calibration } from '../complexity/calibrated.ts';
import type { InputParts } from '../complexity/inputs.ts';
import type { Need, StoredNeed } from '../complexity/need.ts';
import { unpackNumbers } from '../meaning/packed-numbers.ts';

export const DEEP_VERSION = 1;

export interface DeepFile {
  readonly version: number;
  /** SHA-256 of the data folder, and of the encoder's weights: 64 hex digits. */
  readonly dataHash: string;
  readonly encoderHash: string;
  readonly rows: number;
  /** Of the fast judge's inputs, which stand before the encoder's. */
  readonly parts: InputParts;
  /** Landmarks are those below. */
  readonly model: Omit<StoredNeed, 'landmarks'>;
  /** Every rated request: 8-bit levels, base64, and what a level of each dimension stands for. */
  readonly levels: string;
  readonly steps: string;
  readonly calibration: Calibration;
  /** For each rated request its need, and its text where it may be shown. */
  readonly examples: readonly { readonly need: number; readonly text: string }[];
  readonly metrics: {
    readonly spearmanLeftOut: Readonly<Record<string, number>>;
    readonly spearmanByLanguage: Readonly<Record<string, number>>;
    readonly calibrationError: number;
    readonly calibrationErrorByLanguage: Readonly<Record<string, number>>;
  };
}

/**
 * How much a request is like an exam's question, by the gates of both judges: the deep one tells hard requests of
 * people from exams, the fast one knows exams of programming that the deep one takes for requests.
 */
export const bothExams = (deep: number, fast: number): number => (deep + fast) / 2;

/** What the fast judge's first head has of the say: real prompts gain .02 of Spearman by it, everyday requests .003. */
const FAST_SHARE = 0.2;

export const bothNeeds = (deep: number, fast: number): number =>
  (1 - FAST_SHARE) * deep + FAST_SHARE * fast;

/** The model as the kernel machine reads it. Throws where the file fits neither the code nor the encoder. */
export function deepNeed(file: DeepFile, inputs: number, encoderHash: string): Need {
  if (
    file.version !== DEEP_VERSION ||
    file.model.inputs !== inputs ||
    file.encoderHash !== encoderHash
  )
    throw new Error(
      'it does not fit the code and the encoder beside it (`npm run train-deep` makes it)',
    );
  const steps = unpackNumbers(file.steps);
  const levels = new Int8Array(Buffer.from(file.levels, 'base64'));
  const landmarks = Float32Array.from(levels, (level, at) => level * steps[at % steps.length]!);
  return { ...file.model, landmarks };
}
