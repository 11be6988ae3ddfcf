import type { Check } from './check.ts';
import { unitAt } from '../lib/text-units.ts';

/** The end of an answer that is searched for a loop. */
const TAIL_UNITS = 1600;
/** A loop of this many units and more, so many times in a row, and so long in all. */
const [LEAST_PERIOD, LEAST_TIMES, LEAST_UNITS] = [6, 5, 120];
const MOST_PERIOD = 300;
/** The repetition is asked for. */
const ASKED =
  /\b(?:repeat|repite|repetir|r[ée]p[eè]te|wiederhol\w*|ripeti|repita|times|veces|fois|mal|lyrics|letra|song|canci[oó]n|poem|poema|chorus|pattern|lorem|loop)\b|重复|繰り返|повтори|歌词/iu;
const LETTER = /[\p{L}\p{N}]/u;

/** Words or lines that go round and round until the end of what was said. */
export const repetition: Check = {
  name: 'repetition',
  readsPrefix: true,
  find: ({ text }, { task }) => {
    if (text.length < LEAST_UNITS || ASKED.test(task)) return undefined;
    const tail = text.slice(-TAIL_UNITS).trimEnd();
    const period = periodOf(tail);
    return period === undefined ? undefined : 'it says the same over and over';
  },
};

/** Characters of what the text ends in several times; undefined where it does not. Rows of a table or signs are none. */
function periodOf(tail: string): number | undefined {
  for (let period = LEAST_PERIOD; period <= MOST_PERIOD; period += 1) {
    const times = Math.max(LEAST_TIMES, Math.ceil(LEAST_UNITS / period));
    if (period * times > tail.length) break;
    if (repeats(tail, period, period * times) && LETTER.test(tail.slice(-period))) return period;
  }
  return undefined;
}

/** Whether the last `length` units are the same every `period` units. */
function repeats(text: string, period: number, length: number): boolean {
  for (let at = text.length - 1; at >= text.length - length + period; at -= 1)
    if (unitAt(text, at) !== unitAt(text, at - period)) return false;
  return true;
}
