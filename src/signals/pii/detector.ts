import type { PersonalDetector } from '../../core/masking.ts';
import { findPii } from './find.ts';
import { judge, type Counts } from './judge.ts';

export const piiDetector: PersonalDetector = {
  find: (text) => findPii(text),
  kindsIn: (text) => {
    const counts: Counts = new Map();
    judge(text, counts);
    return [...counts.keys()];
  },
};
