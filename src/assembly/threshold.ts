/** What complexity means for the small model and the judges that are configured. */
import type { Config } from '../config/config.ts';
import type { Objective, Threshold } from '../core/policy.ts';
import { abilityOf } from '../models/ability.ts';
import {
  keptQualityFor as keptWith,
  thresholdFor as thresholdWith,
  tradeOf,
} from '../signals/complexity/index.ts';

type Deep = Config['judge']['deep'];

/** `smallModel` is the name that its server gives it; undefined where none is configured. */
type ThresholdFor = (objective: Objective, smallModel?: string) => Threshold;

const tradeWith = (deep: Deep) => tradeOf(deep === 'off' ? 'fast' : 'deep');

export const thresholdsWith =
  (deep: Deep): ThresholdFor =>
  (objective, smallModel) =>
    thresholdWith(objective, abilityOf(smallModel), tradeWith(deep));

/** As it is where nothing is configured. */
export const thresholdFor = thresholdsWith('auto');

/** The expected quality of a small model's answers, as a share of the large model's, by complexity. */
export const keptQualityFor = (deep: Deep, smallModel?: string): ((complexity: number) => number) =>
  keptWith(abilityOf(smallModel), tradeWith(deep));
