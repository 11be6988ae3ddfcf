/** The shipped weights of the fast judge. */
import type { Calibration } from './calibrated.ts';
import type { TradePoint } from './model.ts';
import { unpackNumbers } from '../meaning/packed-numbers.ts';
import type { StoredNeed } from './need.ts';
import shipped from './need.json' with { type: 'json' };

export const NEED_VERSION = 1;

export interface NeedFile {
  readonly version: number;
  /** SHA-256 of the data folder: 64 hex digits. */
  readonly dataHash: string;
  readonly rows: number;
  readonly model: StoredNeed;
  readonly calibration: Calibration;
  /** For each landmark its rated need, and its text where it may be shown. */
  readonly examples: readonly { readonly need: number; readonly text: string }[];
  /** By rising threshold. */
  readonly trade: readonly TradePoint[];
  readonly metrics: {
    readonly spearmanLeftOut: Readonly<Record<string, number>>;
    readonly spearmanByLanguage: Readonly<Record<string, number>>;
    readonly calibrationError: number;
    readonly calibrationErrorByLanguage: Readonly<Record<string, number>>;
  };
}

/** Throws where the shipped file does not fit the code beside it. */
export function shippedNeed(inputs: number): NeedFile {
  const file: NeedFile = shipped;
  const fits =
    file.version === NEED_VERSION &&
    file.model.inputs === inputs &&
    unpackNumbers(file.model.weights).length === file.examples.length;
  if (!fits)
    throw new Error(
      'src/signals/complexity/need.json does not fit the code beside it: run `npm run train`',
    );
  return file;
}
