/** What complexity means for the small model that is configured. */
import type { Objective, Threshold } from '../core/policy.ts';
import { abilityOf } from '../models/ability.ts';
import {
  keptQualityFor as keptWith,
  thresholdFor as thresholdWith,
} from '../signals/complexity/index.ts';

/** `smallModel` is the name that its server gives it; undefined where none is configured. */
export const thresholdFor = (objective: Objective, smallModel?: string): Threshold =>
  thresholdWith(objective, abilityOf(smallModel));

/** The expected quality of its answers, as a share of the large model's, by complexity. */
export const keptQualityFor = (smallModel?: string): ((complexity: number) => number) =>
  keptWith(abilityOf(smallModel));
