import type { PersonalDetector } from '../../core/masking.ts';
import { PHONE_REGIONS, type PhoneRegion } from '../../core/phone-regions.ts';
import { findPii } from './find.ts';
import { judge, type Counts } from './judge.ts';
import { marksOf } from './marks.ts';

/** What masks, and what looks at what is collected or kept: it finds what the signal `pii` does. */
export const piiDetector = (regions: readonly PhoneRegion[] = PHONE_REGIONS): PersonalDetector => ({
  find: (text) => findPii(text, marksOf(text), regions),
  kindsIn: (text) => {
    const counts: Counts = new Map();
    judge(text, counts, regions);
    return [...counts.keys()];
  },
});
