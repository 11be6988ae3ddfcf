/** An attempt's answer while it is on trial: passed on, or kept as a draft in whose place another model is asked. */
import type { Attempt } from '../core/record.ts';
import type { Answer } from '../core/upstream.ts';
import type { EscalationCause, Trial, Verdict, VerifyPolicy } from '../core/verify.ts';
import { whenKnown, type Soon } from '../lib/soon.ts';
import type { Writable } from '../lib/writable.ts';
import type { Call, Operation } from '../core/call.ts';
import type { OpenAttempt } from './attempt.ts';
import type { Verification } from './verification.ts';
import { finalVerdict, heldBack, isBadJson, type Held } from './hold.ts';

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
  /** Stops what is still being written. */
  drop(): void;
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
  /** The API of the answer, where what stands around demanded JSON is taken away. */
  readonly mends: Operation | undefined;
  /** The small model was asked once more. */
  readonly isRepair: boolean;
  /** What fails is given, although the policy wants another model to answer: none may be asked. */
  readonly isKept: boolean;
}

type Acting = Omit<OnTrial, 'open' | 'abort' | 'trial'>;

export const NOT_ACTING: Acting = {
  mends: undefined,
  isRepair: false,
  hold: undefined,
  escalatesUndecided: false,
  withdraws: false,
  isKept: false,
};

/** What nobody would replace or refuse is not held back. */
export function actingOn(
  { hold, escalates, escalatesUndecided, refusesKept, withdraws }: Verification,
  { operation }: Call,
  { hasLarge }: { readonly hasLarge: boolean },
): Omit<Acting, 'isRepair'> {
  const isHeld = hasLarge ? escalates : refusesKept;
  return {
    hold: isHeld ? hold : undefined,
    escalatesUndecided: hasLarge && escalatesUndecided,
    withdraws,
    mends: escalates || refusesKept ? operation : undefined,
    isKept: escalates && !hasLarge,
  };
}

interface Closing {
  /** Another model is to answer in its place. */
  readonly isDraft: boolean;
  readonly error: unknown;
}

type Closed = (attempt: Attempt, how: Closing) => void;

const undecided = (): Verdict => ({ kind: 'undecided' });

/** How the answer stands while it is metered. */
class Standing {
  verdict: () => Verdict = undecided;
  isDraft = false;
  isGiven = false;
  isMended = false;
  /** Once its attempt is closed. */
  done: Attempt | undefined;
  readonly #trying: OnTrial;
  readonly #closed: Closed;

  constructor(trying: OnTrial, closed: Closed) {
    this.#trying = trying;
    this.#closed = closed;
  }

  metered(answer: Answer): Answer {
    const { open, abort } = this.#trying;
    return open.meter(answer, abort, (attempt, error) => {
      this.done = withVerdict(attempt, this, this.#trying);
      this.#closed(this.done, { isDraft: this.isDraft, error });
    });
  }

  tried(answer: Answer, cause: EscalationCause | undefined, drop: Draft['drop']): Tried {
    const verdict = this.verdict();
    return cause === undefined
      ? { answer, verdict }
      : { answer, verdict, draft: draftOf(this, cause, drop) };
  }
}

/**
 * Meters an answer and checks it: whole at once, a stream while its beginning is held back. `closed` is called as
 * `OpenAttempt.meter` says, with the verdict on the attempt.
 * @throws what breaks the stream before anything was passed on
 */
export function onTrial(given: Answer, trying: OnTrial, closed: Closed): Soon<Tried> {
  const { open, abort, trial } = trying;
  if (trial === undefined || given.kind === 'raw')
    return {
      answer: open.meter(given, abort, (attempt, error) =>
        closed(attempt, { isDraft: false, error }),
      ),
    };
  const state = new Standing(trying, closed);
  if (given.kind === 'whole') {
    const { answer, said, isMended } = checkedWhole(given, trial, trying.mends !== undefined);
    const cause = causeOf({ first: said, wasShort: false }, trying);
    state.verdict = () => said;
    state.isMended = isMended;
    state.isDraft = cause !== undefined;
    return state.tried(state.metered(answer), cause, nothing);
  }
  return whenKnown(heldBack(given.events, trial, trying), (held): Tried => {
    const { verdict, isMended } = held;
    const cause = causeOf(held, trying);
    Object.assign(state, { verdict, isMended, isDraft: cause !== undefined });
    // metered as it is passed on: the time to the first token is that of the caller
    const answer = state.metered({ ...given, events: held.events });
    return state.tried(answer, cause, () => drained(answer));
  });
}

const nothing = (): void => {};

type WholeAnswer = Extract<Answer, { kind: 'whole' }>;

function checkedWhole(answer: WholeAnswer, trial: Trial, mends: boolean) {
  trial.observe(answer.body);
  const said = finalVerdict(trial);
  const replace = mends && isBadJson(said) ? trial.mend() : undefined;
  if (replace === undefined) return { answer, said, isMended: false };
  const body = replace(answer.body);
  const bytes = Buffer.from(JSON.stringify(body));
  return { answer: { ...answer, body, bytes }, said: finalVerdict(trial), isMended: true };
}

function withVerdict(attempt: Attempt, state: Standing, { isKept, isRepair }: Acting): Attempt {
  const verdict = state.verdict();
  const kind = isRepair ? 'repair' : state.isDraft ? 'draft' : undefined;
  const judged: Writable<Attempt> = { ...attempt, verdict };
  if (kind !== undefined) judged.kind = kind;
  if (state.isMended) judged.isMended = true;
  if (state.isGiven || (isKept && verdict.kind === 'fail')) judged.isKept = true;
  return judged;
}

const draftOf = (state: Standing, cause: EscalationCause, drop: Draft['drop']): Draft => ({
  cause,
  drop,
  keep: () => {
    state.isDraft = false;
    state.isGiven = true;
    if (state.done === undefined) return undefined;
    const { kind: _, ...now } = state.done;
    return { was: state.done, now: { ...now, isKept: true } };
  },
});

/** Why another model is to answer; undefined where none is. */
function causeOf(
  { first: verdict, wasShort }: Pick<Held, 'first' | 'wasShort'>,
  { hold, escalatesUndecided }: Pick<OnTrial, 'hold' | 'escalatesUndecided'>,
): EscalationCause | undefined {
  if (hold === undefined) return undefined;
  if (verdict.kind === 'fail') return verdict.check;
  const isUndecided = wasShort || verdict.abstained !== undefined;
  return escalatesUndecided && isUndecided ? 'undecided' : undefined;
}

/** Meters what was held of a stream that nobody will read, and stops the rest. */
function drained(answer: Answer): void {
  if (answer.kind !== 'stream') return;
  const { events } = answer;
  events.pushTo({ receive: () => {}, batchEnd: () => events.cancel(), ended: () => {} });
}
