/** A competence card that `calibrate` would have written, of answers that are made up. */
import { makeCard } from '../../src/competence/card.ts';
import type { Graded } from '../../src/competence/ask.ts';
import { digestOf } from '../../src/competence/calibrate.ts';
import { goldenSet, type GoldenItem } from '../../src/competence/golden-set.ts';
import type { CompetenceCard } from '../../src/core/competence.ts';
import { statisticsOf } from '../../src/verify/statistics.ts';

/** Every third answer is wrong, or of every third two; its tokens were guesses where `tells`, and as sure as the others where not. */
function gradedBy(
  items: readonly GoldenItem[],
  tells: (item: GoldenItem) => boolean,
  wrongOfThree: 1 | 2,
): ReadonlyMap<string, Graded> {
  return new Map(
    items.map((item, at) => {
      const right = at % 3 >= wrongOfThree;
      const base = right || !tells(item) ? -0.05 : -2;
      // a little noise, so that the others are not all the same
      const logprobs = [0, 1, 2, 3].map((n) => base - ((at * 7 + n * 13) % 11) / 100);
      const tokens = logprobs.map((logprob) => ({ text: 'a', logprob, top: [] }));
      const statistics = statisticsOf(tokens, 'aaaa')!;
      const grade = { id: item.id, right, whole: statistics, beginning: statistics };
      return [item.id, { ...grade, pieces: 4, firstTokenMs: 100, totalMs: 200 }];
    }),
  );
}

export function madeCard(
  about: Partial<Pick<CompetenceCard, 'model'>> & { readonly modelDigest?: string } = {},
  tells: (item: GoldenItem) => boolean = () => true,
  wrongOfThree: 1 | 2 = 1,
): CompetenceCard {
  const items = goldenSet();
  return makeCard({
    items,
    graded: gradedBy(items, tells, wrongOfThree),
    set: { name: 'shipped', items: items.length, digest: digestOf(items) },
    model: about.model ?? 'slm',
    modelDigest: about.modelDigest,
    engine: 'openai',
    measuredAt: '2026-11-29T12:00:00.000Z',
  });
}
