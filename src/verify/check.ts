/** What every check is given and gives. */
import type { CheckName, Draft } from '../core/verify.ts';
import type { Demands } from '../wire/demands.ts';

/** What was asked, in what the checks need of it. */
export interface Asked extends Demands {
  /** What the user said last, without what the client added. */
  readonly task: string;
  /** Few checks ask for it, and a conversation may be long: made when it is asked for. */
  readonly system: () => string;
  /** Everything that the model was given to read; made when it is asked for. */
  readonly given: () => string;
  /** The caller's limit for the answer's tokens; 0 = none. */
  readonly maxTokens: number;
  /** 0..1; undefined where it is not judged. */
  readonly stakes: number | undefined;
}

/**
 * A pure function. It abstains rather than guesses: undefined is "nothing wrong was found", a text says for
 * people what was, without quoting.
 */
export interface Check {
  readonly name: CheckName;
  /** The beginning of an answer is enough; others wait for its end. */
  readonly readsPrefix?: true;
  find(draft: Draft, asked: Asked): string | undefined;
}
