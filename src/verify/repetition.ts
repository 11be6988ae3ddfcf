/** The check `repetition`: the answer ends in a loop. */
import { asksForRepetition, loopAtEnd } from '../lib/loops.ts';
import type { Check } from './check.ts';

/** The end of an answer that is searched for a loop, in UTF-16 units. */
const TAIL_UNITS = 1600;

const LOOP = 'it says the same over and over';

/** Words or lines that go round and round until the end of what was said, or that went round until the model's server stopped them. */
export const repetition: Check = {
  name: 'repetition',
  readsPrefix: true,
  find: ({ text, isLoop }, { task }) => {
    if (isLoop === true) return LOOP;
    const isLooping = loopAtEnd(text.slice(-TAIL_UNITS).trimEnd()) !== undefined;
    return isLooping && !asksForRepetition(task) ? LOOP : undefined;
  },
};
