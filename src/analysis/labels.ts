/** What a ledger knows of small answers, as numbers: audits; and weakly what callers, checks and shadows say. */
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

/** Reads labels in any order. Requests that had to stay here were never audited, so none is among the audits. */
export function labelReader(): LabelReader {
  const answers = new Map<string, Known>();
  const audited: { readonly of: string; readonly label: Label }[] = [];
  const weak: Label[] = [];
  const scores: Pick<Feedback, 'requestId' | 'caller' | 'score'>[] = [];
  let [saved, counted] = [0, 0];
  return {
    add: (record) => {
      const label = auditOf(record);
      if (label !== undefined && record.shadowOf !== undefined)
        audited.push({ of: record.shadowOf, label });
      weak.push(...weakly(record));
      if (record.shadowOf !== undefined) return;
      const { attempts, baselineNanoUsd } = record;
      const small = attempts.find(({ tier }) => tier === 'small');
      const known = knownOf(record, small);
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
        ...audited.map(({ of, label }) => withWrong(label, answers.get(of)?.wrong)),
        ...scores.flatMap(({ requestId, caller, score }) => {
          const known = answers.get(requestId);
          if (known === undefined) return [];
          return [{ ...known, isWorse: score < 0, weight: 1, weakBy: `feedback of ${caller}` }];
        }),
        ...weak,
      ],
      savedUsd: counted === 0 ? 0 : saved / counted / 1e9,
    }),
  };
}

function auditOf({ audit, decision, atMs }: UsageRecord): Label | undefined {
  const complexity = decision?.complexity;
  if (audit === undefined || complexity === undefined || complexity === null) return undefined;
  return { atMs, complexity, isWorse: audit.compared === 'worse', weight: 1 / audit.propensity };
}

function knownOf({ decision, atMs }: UsageRecord, small: Attempt | undefined): Known | undefined {
  const complexity = decision?.complexity;
  if (small === undefined || complexity === undefined || complexity === null) return undefined;
  const wrong = small.verdict?.wrong;
  return wrong === undefined ? { atMs, complexity } : { atMs, complexity, wrong };
}

/**
 * A check that needs no model found something or nothing; or the small model, asked as a shadow, gave no answer. What `confidence`
 * found is no label: its threshold would be learnt from itself.
 */
function weakly(record: UsageRecord): readonly Label[] {
  const small = record.attempts.find(({ tier }) => tier === 'small');
  const known = knownOf(record, small);
  if (small === undefined || known === undefined || record.audit !== undefined) return [];
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

const withWrong = (label: Label, wrong: number | undefined): Label =>
  wrong === undefined ? label : { ...label, wrong };
