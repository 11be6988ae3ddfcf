/** Masks texts that are to be kept. */
import type { PersonalDetector } from '../core/masking.ts';
import { findIn, kindsInAll } from './find-in-chunks.ts';
import { createPlaceholders } from './placeholders.ts';

/** Passes over the texts: a mask changes its neighbourhood, which may then match as personal data. */
const MAX_PASSES = 3;

/**
 * Every kind of personal data, with the same placeholder for the same value in all of the texts.
 * @returns the texts in their order; undefined where something is still found, which may then not be kept
 */
export async function maskTexts(
  texts: readonly string[],
  detector: PersonalDetector,
): Promise<readonly string[] | undefined> {
  const placeholders = createPlaceholders(texts.join('\n'));
  let masked = texts;
  for (let look = 0; look < MAX_PASSES; look += 1) {
    const found = await findIn(masked, detector.find);
    if (found.every((places) => places.length === 0)) break;
    masked = masked.map((text, at) => placeholders.mask(text, found[at] ?? []));
  }
  const left = await kindsInAll(masked, detector.kindsIn);
  return left.length === 0 ? masked : undefined;
}
