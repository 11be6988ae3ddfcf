/** An attempt's answer while it is on trial: passed on, or kept as a draft in whose place another model is asked. */
import type { Attempt } from '../core/record.ts';
import type { Answer } from '../core/upstream.ts';
import type { CheckName, Finding, Trial, Verdict, VerifyPolicy } from '../core/verify.ts';
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
  /** The check that it failed. */
  readonly check: CheckName;
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
  { open, abort, trial, hold }: OnTrial,
  closed: Closed,
): Soon<Tried> {
  if (trial === undefined || given.kind === 'raw')
    return { answer: open.meter(given, abort, closed) };
  let isDraft = false;
  let verdict = undecided;
  let done: Attempt | undefined;
  const metered = (answer: Answer): Answer =>
    open.meter(answer, abort, (attempt, error) => {
      done = { ...attempt, verdict: verdict(), ...(isDraft ? { isDraft: true } : {}) };
      closed(done, error);
    });
  const draftOf = ({ check }: Finding, drop: Draft['drop']): Draft => ({
    check,
    drop,
    keep: () => {
      isDraft = false;
      if (done === undefined) return undefined;
      const { isDraft: _, ...now } = done;
      return { was: done, now };
    },
  });
  if (given.kind === 'whole') {
    trial.observe(given.body);
    const said = verdictOf(trial, true);
    verdict = () => said;
    isDraft = said.kind === 'fail' && hold !== undefined;
    const tried = { answer: metered(given), verdict: said };
    if (said.kind !== 'fail' || !isDraft) return tried;
    return { ...tried, draft: draftOf(said, () => Promise.resolve()) };
  }
  return heldBack(given.events, trial, hold).then((held): Tried => {
    const { finding } = held;
    verdict = held.verdict;
    isDraft = finding !== undefined && hold !== undefined;
    // metered as it is passed on: the time to the first token is that of the caller
    const answer = metered({ ...given, events: held.events });
    const tried = { answer, verdict: held.verdict() };
    if (finding === undefined || !isDraft) return tried;
    return { ...tried, draft: draftOf(finding, () => drained(answer, held.count).catch(() => {})) };
  });
}

/** Meters what was held of a stream that nobody will read, and stops the rest. */
async function drained(answer: Answer, count: number): Promise<void> {
  if (answer.kind !== 'stream') return;
  for (let at = 0; at < count; at += 1) await answer.events.next();
  await answer.events.return?.();
}
