/** The thread that reads long policies. */
import type { JudgeWeights } from '../core/learned-head.ts';
import { ProblemsError, type Problem } from '../lib/problems.ts';
import { answerQuestions } from '../lib/thread-answers.ts';
import { readPolicy, type PolicyNames, type ReadPolicy } from './read.ts';

/** The names as data. */
export interface ReadQuestion {
  readonly source: { readonly text: string; readonly file: string };
  readonly names: Omit<PolicyNames, 'judgeInForce'>;
  readonly judge: JudgeWeights | undefined;
}

export type ReadResult = { readonly read: ReadPolicy } | { readonly problems: readonly Problem[] };

answerQuestions(({ source, names, judge }: ReadQuestion): ReadResult => {
  try {
    const judged = judge === undefined ? names : { ...names, judgeInForce: () => judge };
    return { read: readPolicy(source, judged) };
  } catch (error) {
    if (error instanceof ProblemsError) return { problems: error.problems };
    throw error;
  }
});
