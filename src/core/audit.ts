/** A later look at a small answer: how it compares with the large model's, and what is known of the one that compares. */

/** Of the small answer against the large one. */
export type Compared = 'worse' | 'same' | 'better';

/** One comparison. Holds no text. */
export interface Audit {
  readonly requestId: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly policy: { readonly name: string; readonly version: string };
  /** The small model, and the digest of its weights where it is known. */
  readonly model: string;
  readonly modelDigest?: string;
  readonly domain: string;
  readonly rule: string;
  readonly language: string;
  /** Null where no signal judged it. */
  readonly complexity: number | null;
  /** P(wrong) of the confidence check, where it judged. */
  readonly wrong?: number;
  /** The probability with which this answer was chosen, 0 to 1: its weight is 1 / propensity. */
  readonly propensity: number;
  readonly compared: Compared;
  /** `grader`: by machine, and not by a model. */
  readonly by: 'judge' | 'grader';
  /** The model that judged. */
  readonly judge?: string;
  /** Of the large answer and both judgements; null: not known. */
  readonly costNanoUsd: number | null;
}

/** What a policy wants audited. */
export interface AuditPolicy {
  /** Of the accepted small answers. */
  readonly share: number;
  /** By days of UTC. */
  readonly usdPerDay: number;
  readonly judge: 'large';
}

/** Why an answer that was chosen is not audited. */
export type AuditOmission =
  | 'kept-here'
  | 'no-large'
  | 'queue-full'
  | 'attempts'
  | 'policy-replaced'
  | 'budget'
  | 'unpriced'
  | 'judge-stopped'
  | 'judge-nonsense'
  | 'failed';

/** How a judge did on pairs whose better half is known. */
export interface JudgeCard {
  readonly format: 1;
  readonly model: string;
  /** ISO 8601, UTC. */
  readonly measuredAt: string;
  readonly pairs: string;
  /** Damaged answers in the small model's place that were called worse. */
  readonly sensitivity: Counted;
  /** Good answers in the small model's place, beside damaged ones, that were not called worse. */
  readonly specificity: Counted;
  /** SHA-256 of the card without this member. */
  readonly hash: string;
}

export interface Counted {
  readonly right: number;
  readonly of: number;
}

/** A judgement without a model: undefined where none fits. */
export type Grade = (asked: {
  readonly task: string;
  readonly small: string;
  readonly large: string;
}) => Compared | undefined;

/** What kind of request an answer was to: audits are spread over these. */
export type Stratum = Pick<Audit, 'domain' | 'rule' | 'language'>;

/** Two answers to one request. */
export interface AnswerPair {
  /** What the user said last. */
  readonly task: string;
  /** The conversation as the models read it, cut where it is long. */
  readonly conversation: string;
  readonly small: string;
  readonly large: string;
}

/** Asks the judging model; undefined where it gave no answer. */
export type AskJudge = (question: string) => Promise<string | undefined>;

export interface Comparison {
  readonly compared: Compared;
  readonly by: Audit['by'];
}

/** Chooses, limits and makes audits. `quality/` implements it, the engine asks the models. */
export interface Auditor {
  /** The probability with which an answer of this kind is to be chosen; counts it. */
  propensityOf(stratum: Stratum, policy: AuditPolicy): number;
  /**
   * Takes the estimate out of the day's money.
   * @param nanoUsd - what an audit may cost; null: not known
   * @returns why it may not be made
   */
  take(judge: string, nanoUsd: number | null, policy: AuditPolicy): AuditOmission | undefined;
  /** Gives back what was taken, less what was spent. */
  settle(takenNanoUsd: number, spentNanoUsd: number): void;
  omitted(cause: AuditOmission): void;
  /** Undefined where the judge's answers were of no use. */
  compare(pair: AnswerPair, ask: AskJudge): Promise<Comparison | undefined>;
  done(audit: Audit): void;
}
