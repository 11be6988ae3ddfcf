/** How probable it is that an answer is wrong, by its model's own confidence and its competence card. */
import type { CompetenceCard, ConfidenceModel, TaskKind } from '../core/competence.ts';
import type { Abstention } from '../core/verify.ts';
import type { ObserveTokens, TokenScore } from '../core/token-scores.ts';
import { beginningOf, statisticsOf, type Statistics } from './statistics.ts';

/** A kind with fewer graded items is not judged. */
const LEAST_ITEMS = 30;
/** Nor is one with fewer right answers, or wrong ones, than this: no curve goes through three points. */
const LEAST_OF_EACH = 5;
/** Nor is one where the lower bound of the area under the curve is below this: chance is 0.5. */
const LEAST_AREA = 0.55;

type Judged = { readonly wrong: number } | { readonly abstains: Abstention };

/** Why a card says nothing of a kind of task, in whole answers or by their beginning; undefined where it judges. */
export function abstention(model: ConfidenceModel, kind: TaskKind): Abstention | undefined {
  const { items, wrong, low } = model.kinds[kind] ?? { items: 0, wrong: 0, low: null };
  const rarer = Math.min(wrong, items - wrong);
  if (items < LEAST_ITEMS || rarer < LEAST_OF_EACH) return 'few-items';
  return low === null || low < LEAST_AREA ? 'no-better-than-chance' : undefined;
}

export interface JudgedTask {
  readonly kind: TaskKind;
  /** Undefined where that is not sure. */
  readonly language: string | undefined;
}

/** Judges one answer by a card. */
export interface Confidence {
  /** Absent where probabilities would be of no use. */
  readonly observeTokens?: ObserveTokens;
  /** @param text - of the answer so far */
  judge(text: string, isComplete: boolean): Judged;
}

const never = (abstains: Abstention): Confidence => ({ judge: () => ({ abstains }) });

/** Undefined card: no model file of this digest was measured. */
export function confidenceOf(
  card: CompetenceCard | undefined,
  taskOf: () => JudgedTask,
): Confidence {
  if (card === undefined) return never('no-card');
  if (card.confidence === undefined) return never('no-probabilities');
  const { kind, language } = taskOf();
  if (language !== undefined && !card.languages.includes(language)) return never('other-language');
  const { whole, beginning } = card.confidence;
  const barred = { whole: abstention(whole, kind), beginning: abstention(beginning, kind) };
  if (barred.whole !== undefined && barred.beginning !== undefined) return never(barred.whole);
  const tokens: TokenScore[] = [];
  return {
    observeTokens: (some) => {
      for (const token of some) tokens.push(token);
    },
    judge: (text, isComplete) => {
      const abstains = isComplete ? barred.whole : barred.beginning;
      if (abstains !== undefined) return { abstains };
      const statistics = isComplete ? statisticsOf(tokens, text) : beginningOf(tokens, text);
      const model = isComplete ? whole : beginning;
      const wrong = statistics && wrongOf(model, { kind, language }, statistics);
      return wrong === undefined ? { abstains: 'no-probabilities' } : { wrong };
    },
  };
}

/** Undefined where a statistic of the model's is missing. A language that is not known, or was not measured, adds nothing. */
export function wrongOf(
  model: ConfidenceModel,
  task: JudgedTask,
  statistics: Statistics,
): number | undefined {
  const { statistics: names, centres, scales, weights, bias } = model;
  const { offset, slopes, usualTokens } = ownTerms(model, task);
  let sum = bias + offset;
  for (const [at, name] of names.entries()) {
    const value = valueOf(statistics, name, usualTokens);
    if (value === undefined) return undefined;
    const weight = slopes.reduce((all, each) => all + (each[at] ?? 0), weights[at]!);
    sum += (weight * (value - centres[at]!)) / scales[at]!;
  }
  return 1 / (1 + Math.exp(-sum));
}

const NONE = { offset: 0, slopes: [], kinds: {}, usualTokens: 1 } as const;

/** What the kind and the language add. */
function ownTerms({ kinds, languages }: ConfidenceModel, { kind, language = '' }: JudgedTask) {
  const { offset, slopes = [], usualTokens } = kinds[kind] ?? NONE;
  const spoken = languages?.[language] ?? NONE;
  const within: Partial<Record<TaskKind, number>> = spoken.kinds;
  return {
    offset: offset + spoken.offset + (within[kind] ?? 0),
    slopes: [slopes, spoken.slopes],
    usualTokens,
  };
}

/** Length counts against what is usual for the kind, as a logarithm. */
export function valueOf(
  statistics: Statistics,
  name: keyof Statistics,
  usualTokens: number,
): number | undefined {
  const value = statistics[name];
  if (name !== 'length' || value === undefined) return value;
  return Math.log((value + 1) / (usualTokens + 1));
}
