/** What the deep judge said, by its question: the same request again (a retry, a job over a table, "hello") is not encoded again. */
import { createHash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { DeepAnswer, DeepQuestion } from '../complexity/calibrated.ts';

export interface Remembered {
  /** A digest under a key of this process: nothing of a prompt can be found in it. */
  keyOf(question: DeepQuestion): string;
  get(key: string): DeepAnswer | undefined;
  set(key: string, answer: DeepAnswer): void;
}

/** Some 600 bytes each, most of them the reasons. */
const MOST = 5_000;

/** The answer depends on the question alone, so it is never too old. */
export function rememberedAnswers(): Remembered {
  const salt = randomBytes(16);
  const answers = new LRUCache<string, DeepAnswer>({ max: MOST });
  return {
    keyOf: ({ pieces, inputs, exam, second }) =>
      createHash('sha256')
        .update(salt)
        .update(pieces)
        .update(inputs)
        .update(Float64Array.of(exam, second))
        .digest('base64'),
    get: (key) => answers.get(key),
    set: (key, answer) => void answers.set(key, answer),
  };
}
