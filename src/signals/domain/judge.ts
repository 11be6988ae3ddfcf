/** From the probabilities of the tasks and of "none" to the task that is named, and how surely. */
import type { Domain } from '../../core/policy.ts';

/** The task that a text is most like, and the probability that it is one of the tasks and not something else. */
export interface Recognised {
  readonly name: string;
  readonly confidence: number;
}

/**
 * How many times as probable the tasks for the small model must be together as those for the large one. A
 * message that is half a complaint and half a question is a complaint. Of customers' messages put aside
 * .75 sends 9 % of the risky ones to the small model and 8 % of the everyday ones to the large, 1.25 sends 4 and 10 %, 2 sends 2 and 15 %.
 */
const SMALL_AHEAD = 1.25;

/**
 * The tasks' probabilities are in their order, and that of none of them is the last; `strange` is the share of the text's keys
 * that no example has.
 */
export function judgeOf(
  domains: readonly Domain[],
  languages: number,
): (odds: Float64Array, strange: number) => Recognised {
  const usual = evenOdds(domains, languages);
  const unheard = Math.max(usual, saidNothing(domains.length) + UNHEARD_AHEAD);
  const isLarge = domains.map(({ use }) => use === 'large');
  return (odds, strange) => {
    const even = strange >= UNHEARD ? unheard : usual;
    const side = largeAhead(odds, isLarge);
    let best = -1;
    for (let label = 0; label < domains.length; label++)
      if (isLarge[label] === side && (best < 0 || (odds[label] ?? 0) > (odds[best] ?? 0)))
        best = label;
    const known = knownOf(odds);
    // Beside other tasks that are as probable, the likeliest of them is still likelier than none: the geometric
    // mean of both views separates better than each.
    const sure = known / Math.sqrt(known + (odds.at(-1) ?? 0) || 1);
    return { name: domains[best]?.name ?? '', confidence: calibrated(sure, even) };
  };
}

function largeAhead(odds: Float64Array, isLarge: readonly boolean[]): boolean {
  let small = 0;
  let large = 0;
  isLarge.forEach((is, label) => {
    if (is) large += odds[label] ?? 0;
    else small += odds[label] ?? 0;
  });
  return large * SMALL_AHEAD > small;
}

/** How much one of the tasks is meant: the most probable, or, where there are many, the length of all. */
function knownOf(odds: Float64Array): number {
  let most = 0;
  let square = 0;
  for (let label = 0; label < odds.length - 1; label++) {
    const value = odds[label] ?? 0;
    most = Math.max(most, value);
    square += value * value;
  }
  return odds.length - 1 > FEW ? Math.sqrt(square) : most;
}

/**
 * The value at which about ten in a hundred messages of other kinds pass: it grows with the examples a task
 * has in a language, and where there are many tasks what is known is shared out among them. Fitted by
 * eye to 12 settings on the training rows of CLINC150 and Banking77, tasks drawn at random, the other
 * tasks as the other kinds (.49 for two tasks of two examples, .59 for eight of five, .72 for ten of
 * 75, .82 for ten of 300), and to customers' messages (.36 for 42 tasks of ten in two languages each).
 */
function evenOdds(domains: readonly Domain[], languages: number): number {
  const examples = domains.reduce((sum, { examples: texts }) => sum + texts.length, 0);
  const each = Math.max(1, examples / domains.length / Math.max(1, languages));
  const many = Math.max(0, domains.length - FEW);
  return Math.max(LEAST, 0.38 + 0.075 * Math.log(each) - 0.0105 * many);
}

/**
 * Of a text in words that no example has little is known but what it means. It must be surer than a text that says nothing,
 * which all classes share alike: with one task of two English examples 20 of 100 everyday requests in languages far from
 * theirs passed for it before, and 1 does now; messages of the task itself, in Spanish, French, German, Portuguese and
 * Italian, have .63 and more in the middle (`test/fixtures/domains.json`).
 */
const UNHEARD = 0.85;
const UNHEARD_AHEAD = 0.06;
const saidNothing = (tasks: number): number => Math.sqrt(1 / (2 * (tasks + 1)));

/** With more tasks than this neighbours share what is known among them. */
const FEW = 20;
const LEAST = 0.3;

/** Moves the odds so that `even` becomes one half. */
function calibrated(value: number, even: number): number {
  const odds = (value / (1 - value)) * ((1 - even) / even);
  return Number.isFinite(odds) ? odds / (1 + odds) : 1;
}
