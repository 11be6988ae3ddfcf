/** The audits that are known, and what they show for a policy and a small model. */
import type { Audit, JudgeCard } from '../core/audit.ts';
import { hasShifted, mixOf, verdictWatch, type Mix } from './drift.ts';
import {
  promised,
  said,
  sampleOf,
  type Aim,
  type JudgeQuality,
  type Promised,
  type Sample,
} from './promise.ts';

/** Whose answers were audited. */
export interface Audited {
  readonly version: string;
  readonly model: string;
  /** Undefined where the server does not say it: then the name decides. */
  readonly modelDigest: string | undefined;
}

export interface Promises {
  add(audit: Audit): void;
  all(): readonly Audit[];
  /** What the audits of this policy and model show. */
  of(whose: Audited, aim: Aim & { readonly strict: number }): Promised & { readonly said: string };
  /** The same without an objective, at whatever complexity. */
  sample(whose: Audited, confidence: number): Sample;
  /** Why a promise does not hold any more; undefined while nothing speaks against it. */
  broken(whose: Audited, aim: Aim): string | undefined;
  /** An accepted request, for the mix. */
  saw(request: Pick<Audit, 'domain' | 'complexity'>): void;
}

/** Audits that are kept in memory, the newest. */
const MOST_KEPT = 100_000;
/** Requests that the mix of the present is taken from. */
const RECENT = 1000;

export function createPromises(
  known: readonly Audit[],
  judgeOf: (model: string) => JudgeCard | undefined,
): Promises {
  let audits = [...known];
  const recent: Pick<Audit, 'domain' | 'complexity'>[] = [];
  const fitting = ({ version, model, modelDigest }: Audited): readonly Audit[] =>
    audits.filter(
      (audit) =>
        audit.policy.version === version &&
        audit.model === model &&
        audit.modelDigest === modelDigest,
    );
  return {
    add: (audit) => {
      audits.push(audit);
      if (audits.length > MOST_KEPT) audits = audits.slice(-MOST_KEPT / 2);
    },
    all: () => audits,
    of: (whose, aim) => {
      const own = fitting(whose);
      const result = promised(own, { ...aim, judge: judgeIn(own, judgeOf) });
      return { ...result, said: said(result) };
    },
    sample: (whose, confidence) => {
      const own = fitting(whose);
      return sampleOf(own, judgeIn(own, judgeOf), confidence);
    },
    broken: (whose, { worseThanLarge }) => {
      const own = fitting(whose);
      const watch = verdictWatch(worseThanLarge);
      const alarms = own.map(({ compared }) => watch(compared === 'worse'));
      if (alarms.at(-1) === true) return 'more answers are worse than were promised';
      const now = mixOf(recent);
      const then = mixOf(own);
      return (
        shifted('domains', then.domains, now.domains) ??
        shifted('complexity', then.complexity, now.complexity)
      );
    },
    saw: (request) => {
      recent.push(request);
      if (recent.length > RECENT) recent.shift();
    },
  };
}

const shifted = (name: string, before: Mix, after: Mix): string | undefined =>
  hasShifted(before, after) ? `the mix of ${name} is another one` : undefined;

/** Of the judges whose verdicts are among them, the one that judged last; undefined where it was not measured. */
function judgeIn(
  audits: readonly Audit[],
  judgeOf: (model: string) => JudgeCard | undefined,
): JudgeQuality | undefined {
  const last = audits.findLast(({ by }) => by === 'judge');
  return last?.judge === undefined ? undefined : judgeOf(last.judge);
}
