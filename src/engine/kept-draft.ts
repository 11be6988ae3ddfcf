/** A draft: a small answer that failed its check and is kept while another model is asked. */
import { GatewayError } from '../core/errors.ts';
import type { Attempt } from '../core/record.ts';
import type { ExecutionResult, Outcome } from './outcome.ts';
import type { Draft } from './trial.ts';

export interface KeptDraft extends Draft {
  readonly result: ExecutionResult;
}

/** Two drafts of one request: where no large model answers, the first is given. */
export const withSecond = (draft: KeptDraft, second: Draft): KeptDraft => ({
  ...draft,
  keep: () => {
    second.drop();
    return draft.keep();
  },
  drop: () => {
    draft.drop();
    second.drop();
  },
});

/** The draft is not needed any more, and what was still being written of it is stopped. */
export function inPlaceOf(draft: KeptDraft | undefined, result: ExecutionResult): ExecutionResult {
  if (draft === undefined) return result;
  draft.drop();
  return { ...result, escalated: draft.cause };
}

/** No large model answered: the draft is given, as what it is. */
export function kept(
  draft: KeptDraft,
  attempts: Attempt[],
  ended: (end: Outcome) => void,
): ExecutionResult {
  const whole = draft.keep();
  if (whole !== undefined) {
    // the answer's attempt is the last one
    attempts.splice(attempts.indexOf(whole.was), 1);
    attempts.push(whole.now);
    ended({ attempts });
  }
  return { ...draft.result, isKept: true };
}

/** What the caller is told where the policy gives no answer that failed. */
export const keptHere = ({ cause }: KeptDraft): GatewayError =>
  new GatewayError(
    'policy_refused',
    `The small model's answer failed the check '${cause}', and the policy lets no large model answer this request; it gives no such answer (verify.onKept).`,
  );
