/** A small model's answer on trial: what is looked at, and what is found. */
import type { JsonObject } from '../lib/json.ts';
import type { Call } from './call.ts';
import type { Features, Readings } from './signal.ts';
import type { ObserveTokens } from './token-scores.ts';

/** The checks of an answer; a closed list: it is a metric label and a policy name. */
export const checkNames = [
  'empty',
  'refusal',
  'repetition',
  'language',
  'json',
  'tools',
  'cut',
  'echo',
  'template',
  'format',
  'sums',
  'copied',
  'confidence',
] as const;

export type CheckName = (typeof checkNames)[number];

/** Why the large model answers instead. */
export type EscalationCause = CheckName | 'undecided';

/** Why an answer will not do. Holds none of its text. */
export interface Finding {
  readonly check: CheckName;
  /** For people. */
  readonly reason: string;
}

interface DraftCall {
  readonly name: string;
  /** JSON, as the model wrote it. */
  readonly args: string;
}

/** Why confidence says nothing of an answer. */
export type Abstention =
  | 'no-card'
  | 'no-probabilities'
  | 'other-language'
  | 'few-items'
  | 'no-better-than-chance';

/** What came of it. `undecided`: the beginning was checked and passed on, and what came after it was never complete. */
export type Verdict = (
  | { readonly kind: 'pass' | 'undecided' }
  | ({ readonly kind: 'fail' } & Finding)
) &
  Doubt;

/** What confidence says, where it was asked. */
export interface Doubt {
  /** The probability that the answer is wrong, 0 to 1. */
  readonly wrong?: number;
  readonly abstained?: Abstention;
}

/** The answer so far. */
export interface Draft {
  /** The text for the caller, without reasoning. */
  readonly text: string;
  readonly calls: readonly DraftCall[];
  /** In chat's words; undefined while the answer goes on. */
  readonly finishReason: string | undefined;
  /** The upstream found that it had fallen into a loop. */
  readonly isLoop?: boolean;
}

/** One answer on trial. */
export interface Trial {
  /** Takes a whole answer, or the data of one stream event, in the shape of the call's operation. */
  observe(body: JsonObject): void;
  /** Takes the text of an event that is else like one observed before. */
  observeText(text: string): void;
  /** The model has said how its answer ended. */
  isOver(): boolean;
  /** Pieces of content so far: about tokens, where they are streamed one by one. */
  pieces(): number;
  /** The answer can only be checked when it is complete: JSON, tool calls. */
  needsWhole(): boolean;
  /** Absent where nobody wants the probabilities of its tokens. */
  readonly observeTokens?: ObserveTokens;
  /** The upstream ended the answer because it had fallen into a loop, of which its text shows the beginning alone. */
  observeLoop?(): void;
  /** What is wrong with it so far, or in all once it is complete. */
  find(isComplete: boolean): Finding | undefined;
  /** What confidence said when `find` was called last. */
  doubt(): Doubt;
  /**
   * Where JSON was demanded and something stands around it: from now on the answer is the JSON alone. The result makes that of
   * the bodies of the answer, in order. Undefined where there is nothing to take away, or where that would not help.
   */
  mend(): ((body: JsonObject) => JsonObject) | undefined;
}

export interface Verifier {
  /** Undefined where there is nothing to check: embeddings, several choices. */
  begin(asked: AskedCall, wanted: Pick<VerifyPolicy, 'checks' | 'wrongAbove'>): Trial | undefined;
}

export interface AskedCall {
  readonly call: Call;
  readonly features: Features;
  readonly readings: Readings;
  /** The model that answers, and the digest of its weights where that is known. */
  readonly answering: { readonly model: string; readonly modelDigest?: string | undefined };
}

/** What a policy wants checked, and what follows. */
export interface VerifyPolicy {
  readonly checks: readonly CheckName[];
  /** `confidence` fails an answer that is wrong with this probability, or a higher one. */
  readonly wrongAbove: number;
  /** Streams: nothing is passed on before so many tokens came, or so many milliseconds after the first. */
  readonly hold: { readonly tokens: number; readonly ms: number };
  /** `record`: the caller gets the answer all the same. */
  readonly onFail: 'escalate' | 'record';
  /** Where `onFail` escalates: whether what could not be judged is passed on. */
  readonly onUndecided: 'release' | 'escalate';
  /** Where `onFail` escalates and constraints leave no large model: what failed is given, or the request refused. */
  readonly onKept: 'give' | 'refuse';
  /** What is found after the beginning of a stream was passed on is recorded, or ends it with an error event. */
  readonly afterRelease: 'record' | 'withdraw';
  /** Share of small answers that are replaced, in ten minutes and by domain; above it none is. */
  readonly maxShare: number;
  /** What an hour is worth that callers wait for drafts which are replaced; US dollars. */
  readonly waitUsdPerHour: number;
}
