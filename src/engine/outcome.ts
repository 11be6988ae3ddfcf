/** How a request was answered, and how it ended. */
import type { Target } from '../core/decision.ts';
import type { Attempt, CacheUse, Usage } from '../core/record.ts';
import type { Answer } from '../core/upstream.ts';
import type { EscalationCause, Verdict } from '../core/verify.ts';
import type { Writable } from '../lib/writable.ts';
import { hungUp, stoppedBy } from './failures.ts';

/** How a request ended, with every attempt in order. `error` is what the caller received, if any. */
export interface Outcome {
  readonly attempts: readonly Attempt[];
  readonly error?: unknown;
  readonly cache?: CacheUse;
  /** Of an answer that is given again. */
  readonly usage?: Usage;
  /** When its caller had its answer, on the monotonic clock, where the upstream went on behind it. */
  readonly overMs?: number;
}

export interface ExecutionResult {
  readonly answer: Answer;
  readonly target: Target;
  /** Every finished attempt. The one that answers is included for a whole answer, and not yet for a stream. */
  readonly attempts: readonly Attempt[];
  /** Of the answer that is given, as far as it was checked before it was given. */
  readonly verdict?: Verdict;
  /** The output was limited to so much, which is all that could be paid for. */
  readonly maxTokens?: number;
  /** It failed a check, and no other model could or may answer. */
  readonly isKept?: true;
  /** It was given before, and cost nothing now. */
  readonly isCached?: true;
  /** Why this one is given in place of a small answer. */
  readonly escalated?: EscalationCause;
}

interface LastAttempt {
  readonly abort: AbortSignal;
  readonly error: unknown;
  readonly overMs: number | undefined;
}

/** How a request ended whose last attempt this is. */
export function outcomeOf(
  attempts: readonly Attempt[],
  { outcome }: Attempt,
  { abort, error, overMs }: LastAttempt,
): Outcome {
  const end: Writable<Outcome> = { attempts };
  if (overMs !== undefined) end.overMs = overMs;
  if (outcome === 'ok') return end;
  end.error = abort.aborted ? stoppedBy(abort, error) : (error ?? hungUp(error));
  return end;
}
