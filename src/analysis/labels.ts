/** What a ledger knows of small answers, as numbers: audits; and weakly what callers, checks and shadows say. */
import { unpackSeen } from '../core/learned-head.ts';
import type { Attempt, UsageRecord } from '../core/record.ts';
import type { Feedback } from '../core/store.ts';
import type { Label } from './learn.ts';

export interface LabelReader {
  add(record: UsageRecord): void;
  /** Once a request and key, as the store keeps it. */
  feedback(given: Pick<Feedback, 'requestId' | 'caller' | 'score'>): void;
  /** The labels, and what a small answer saved on average (0 where none has a known baseline). */
  result(): { readonly labels: readonly Label[]; readonly savedUsd: number };
}

/** What a request's record says of its small answer. */
type Known = Omit<Label, 'isWorse' | 'weight'>;

/**
 * Reads labels in any order. Requests that had to stay here were never audited, so none is among the audits.
 * @param judge - the version of the weights in force: what others saw means something else
 */
export function labelReader(judge?: string): LabelReader {
  const answers = new Map<string, Known>();
  const audited: { readonly of: string; readonly label: Label }[] = [];
  const weak: Label[] = [];
  const signs: NonNullable<UsageRecord['sign']>[] = [];
  const scores: Pick<Feedback, 'requestId' | 'caller' | 'score'>[] = [];
  let [saved, counted] = [0, 0];
  return {
    add: (record) => {
      const label = auditOf(record);
      if (label !== undefined && record.shadowOf !== undefined)
        audited.push({ of: record.shadowOf, label });
      weak.push(...weakly(record, judge));
      if (record.shadowOf !== undefined) return;
      if (record.sign !== undefined) signs.push(record.sign);
      const { attempts, baselineNanoUsd } = record;
      const small = attempts.find(({ tier }) => tier === 'small');
      const known = knownOf(record, small, judge);
      if (small === undefined || attempts.at(-1) !== small) return;
      if (known !== undefined) answers.set(record.id, known);
      if (baselineNanoUsd === null) return;
      saved += baselineNanoUsd - (small.cost?.totalNanoUsd ?? 0);
      counted += 1;
    },
    feedback: (given) => {
      if (given.score !== 0) scores.push(given);
    },
    result: () => ({
      labels: [
        ...audited.map(({ of, label }) => withKnown(label, answers.get(of))),
        ...scores.flatMap(({ requestId, caller, score }) => {
          const known = answers.get(requestId);
          if (known === undefined) return [];
          return [{ ...known, isWorse: score < 0, weight: 1, weakBy: `feedback of ${caller}` }];
        }),
        ...signs.flatMap(({ of, kind }) => {
          const known = answers.get(of);
          return known === undefined ? [] : [signed(known, kind)];
        }),
        ...weak,
      ],
      savedUsd: counted === 0 ? 0 : saved / counted / 1e9,
    }),
  };
}

function auditOf({ audit, readings, atMs }: UsageRecord): Label | undefined {
  const { complexity } = judgedOf(readings) ?? {};
  if (audit === undefined || complexity === undefined) return undefined;
  return { atMs, complexity, isWorse: audit.compared === 'worse', weight: 1 / audit.propensity };
}

function knownOf(
  { readings, atMs }: UsageRecord,
  small: Attempt | undefined,
  judge: string | undefined,
): Known | undefined {
  const judged = judgedOf(readings, judge);
  if (small === undefined || judged === undefined) return undefined;
  const wrong = small.verdict?.wrong;
  return wrong === undefined ? { atMs, ...judged } : { atMs, ...judged, wrong };
}

/** The judge's own word, and what it saw. */
function judgedOf(
  { complexity: reading }: UsageRecord['readings'],
  judge?: string,
): Pick<Label, 'complexity' | 'seen'> | undefined {
  if (reading?.kind !== 'score') return undefined;
  const { score, before = score, seen } = reading;
  if (seen === undefined || seen.judge !== judge) return { complexity: before };
  return { complexity: before, seen: unpackSeen(seen) };
}

/**
 * A check that needs no model found something or nothing; the caller stopped a stream; or the small model, asked as a shadow, gave no answer. What `confidence`
 * found is no label: its threshold would be learnt from itself.
 */
function weakly(record: UsageRecord, judge: string | undefined): readonly Label[] {
  const small = record.attempts.find(({ tier }) => tier === 'small');
  const known = knownOf(record, small, judge);
  if (small === undefined || known === undefined || record.audit !== undefined) return [];
  if (isStopped(record, small)) return [signed(known, 'stopped')];
  if (small.shadow === true)
    return small.outcome === 'failed'
      ? [{ ...known, isWorse: true, weight: 1, weakBy: 'shadows' }]
      : [];
  const { verdict } = small;
  if (verdict?.kind === 'fail' && verdict.check !== 'confidence')
    return [{ ...known, isWorse: true, weight: 1, weakBy: 'checks' }];
  if (verdict?.kind === 'pass') return [{ ...known, isWorse: false, weight: 1, weakBy: 'checks' }];
  return [];
}

/** What a sign weighs, in audits: callers ask again, and stop, for many reasons. */
const SIGN_WEIGHT = 0.1;

const signed = (known: Known, kind: string): Label => ({
  ...known,
  isWorse: true,
  weight: 1,
  weakBy: `signs: ${kind}`,
  trust: SIGN_WEIGHT,
});

/** The caller stopped a stream that had begun to answer. */
const isStopped = ({ stream, attempts, outcome }: UsageRecord, small: Attempt): boolean =>
  stream && outcome === 'aborted' && attempts.at(-1) === small && small.ttftMs !== undefined;

/** An audit's record says less of the request than the answer's own. */
const withKnown = (label: Label, { wrong, seen }: Partial<Known> = {}): Label => ({
  ...label,
  ...(wrong === undefined ? {} : { wrong }),
  ...(seen === undefined ? {} : { seen }),
});
