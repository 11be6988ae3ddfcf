/** An attempt's answer while it is on trial: passed on, or kept as a draft in whose place another model is asked. */
import type { Attempt } from '../core/record.ts';
import type { Answer } from '../core/upstream.ts';
import type { EscalationCause, Trial, Verdict, VerifyPolicy } from '../core/verify.ts';
import type { Soon } from '../lib/soon.ts';
import type { OpenAttempt } from './attempt.ts';
import { heldBack, verdictOf } from './hold.ts';

export interface Tried {
  readonly answer: Answer;
  /** Absent where nothing was checked. */
  readonly verdict?: Verdict;
  /** Present where another model is to answer. */
  readonly draft?: Draft;
}

export interface Draft {
  /** The check that it failed, if it failed one. */
  readonly cause: EscalationCause;
  /** It is given after all. For a whole answer the attempt as it was closed, and as it is to be recorded now. */
  keep(): { readonly was: Attempt; readonly now: Attempt } | undefined;
  /** Stops what is still being written. Never rejects: nobody waits for the answer any more. */
  drop(): Promise<void>;
}

export interface OnTrial {
  readonly open: OpenAttempt;
  readonly abort: AbortSignal;
  /** Undefined where nothing is checked. */
  readonly trial: Trial | undefined;
  /** Another model is asked where it fails, and a stream is held back so long; undefined where none can be. */
  readonly hold: VerifyPolicy['hold'] | undefined;
  /** Another is asked where it could not be judged, too. */
  readonly escalatesUndecided: boolean;
  readonly withdraws: boolean;
  /** What fails is given, although the policy wants another model to answer: none may be asked. */
  readonly isKept: boolean;
}

const undecided = (): Verdict => ({ kind: 'undecided' });

type Closed = (attempt: Attempt, error?: unknown) => void;

/**
 * Meters an answer and checks it: whole at once, a stream while its beginning is held back. `closed` is called as
 * `OpenAttempt.meter` says, with the verdict on the attempt.
 * @throws what breaks the stream before anything was passed on
 */
export function onTrial(
  given: Answer,
  { open, abort, trial, ...acting }: OnTrial,
  closed: Closed,
): Soon<Tried> {
  if (trial === undefined || given.kind === 'raw')
    return { answer: open.meter(given, abort, closed) };
  let [isDraft, isGiven] = [false, false];
  let verdict = undecided;
  let done: Attempt | undefined;
  const metered = (answer: Answer): Answer =>
    open.meter(answer, abort, (attempt, error) => {
      done = {
        ...attempt,
        verdict: verdict(),
        ...(isDraft ? { isDraft: true } : {}),
        ...(isGiven || (acting.isKept && verdict().kind === 'fail') ? { isKept: true } : {}),
      };
      closed(done, error);
    });
  const draftOf = (cause: EscalationCause, drop: Draft['drop']): Draft => ({
    cause,
    drop,
    keep: () => {
      isDraft = false;
      isGiven = true;
      if (done === undefined) return undefined;
      const { isDraft: _, ...now } = done;
      return { was: done, now: { ...now, isKept: true } };
    },
  });
  if (given.kind === 'whole') {
    trial.observe(given.body);
    const said = verdictOf(trial, true);
    verdict = () => said;
    const cause = causeOf(said, false, acting);
    isDraft = cause !== undefined;
    const tried = { answer: metered(given), verdict: said };
    if (cause === undefined) return tried;
    return { ...tried, draft: draftOf(cause, () => Promise.resolve()) };
  }
  return heldBack(given.events, trial, acting).then((held): Tried => {
    verdict = held.verdict;
    const cause = causeOf(held.first, held.wasShort, acting);
    isDraft = cause !== undefined;
    // metered as it is passed on: the time to the first token is that of the caller
    const answer = metered({ ...given, events: held.events });
    const tried = { answer, verdict: held.verdict() };
    if (cause === undefined) return tried;
    return { ...tried, draft: draftOf(cause, () => drained(answer, held.count).catch(() => {})) };
  });
}

/** Why another model is to answer; undefined where none is. */
function causeOf(
  verdict: Verdict,
  wasShort: boolean,
  { hold, escalatesUndecided }: Pick<OnTrial, 'hold' | 'escalatesUndecided'>,
): EscalationCause | undefined {
  if (hold === undefined) return undefined;
  if (verdict.kind === 'fail') return verdict.check;
  const isUndecided = wasShort || verdict.abstained !== undefined;
  return escalatesUndecided && isUndecided ? 'undecided' : undefined;
}

/** Meters what was held of a stream that nobody will read, and stops the rest. */
async function drained(answer: Answer, count: number): Promise<void> {
  if (answer.kind !== 'stream') return;
  for (let at = 0; at < count; at += 1) await answer.events.next();
  await answer.events.return?.();
}
