/** A recorded decision explained afterwards: made again from its record, where record and policy allow. */
import type { Decision } from '../core/decision.ts';
import type { Policy } from '../core/policy.ts';
import type { Attempt, UsageRecord } from '../core/record.ts';
import type { Signal } from '../core/signal.ts';
import { counterfactuals } from './counterfactual.ts';
import { decide } from './decide.ts';
import { formatExplanation, outline, type Explanation } from './explain.ts';
import { fromRecord, type DecisionInputs } from './record-situation.ts';

export interface RecordExplanation extends Explanation {
  readonly id: string;
  readonly atMs: number;
  /** Who was asked, in order, and how that went: what was decided may not be what happened. */
  readonly attempts: readonly Pick<Attempt, 'upstream' | 'model' | 'outcome' | 'cause'>[];
  /** Why `otherwise` cannot be said; null where it can. */
  readonly unrepeatable: string | null;
}

/** A record of a request that did not fail before it was decided. */
export type Decided = UsageRecord & { readonly decision: Decision };

/** `policy`: the version that decided it; undefined where it is not known any more. */
export function explainRecord(record: Decided, policy: Policy | undefined): RecordExplanation {
  const { id, atMs, decision, facts, readings } = record;
  const attempts = record.attempts.map(({ upstream, model, outcome, cause }) =>
    cause === undefined ? { upstream, model, outcome } : { upstream, model, outcome, cause },
  );
  const again = repeated(record, policy);
  if ('because' in again) {
    const threshold = { value: decision.threshold, from: 'as it was then' };
    const told = outline({ decision, readings, facts, threshold });
    return { id, atMs, ...told, attempts, unrepeatable: again.because };
  }
  const told = outline({ decision, readings, facts, threshold: again.policy.threshold });
  return { id, atMs, ...told, otherwise: counterfactuals(again), attempts, unrepeatable: null };
}

type Repeated = (DecisionInputs & { readonly policy: Policy }) | { readonly because: string };

function repeated(record: Decided, policy: Policy | undefined): Repeated {
  const { decision: was } = record;
  const { name, version } = was.policy;
  if (policy?.version !== version) {
    return { because: `policy ${name}@${version}, which decided it, cannot be read any more` };
  }
  const recalled = fromRecord(record);
  if (recalled === undefined) {
    return { because: 'it was recorded by a version that did not keep what decisions depend on' };
  }
  const asThen = { ...policy, threshold: thresholdThen(was, policy) };
  const now = decide(recalled.ask, recalled.situation, asThen);
  if (!isSame(was, now)) {
    return { because: 'this version of Smallfirst decides it otherwise than the one that did' };
  }
  return { ...recalled, policy: asThen };
}

/** A policy's version says nothing of the calibration that its objective was read by. */
function thresholdThen(was: Decision, { threshold }: Policy): Policy['threshold'] {
  if (was.threshold === threshold.value) return threshold;
  return { value: was.threshold, from: 'by the calibration of that time' };
}

const isSame = (a: Decision, b: Decision): boolean =>
  a.rule === b.rule && placesOf(a) === placesOf(b);

const placesOf = (decision: Decision): string =>
  decision.kind === 'refuse'
    ? decision.code
    : decision.targets.map(({ upstream, model }) => `${upstream}/${model}`).join(' ');

/** As a few lines of text. `signals` say what their scores mean. */
export function formatRecordExplanation(
  told: RecordExplanation,
  signals?: readonly Signal[],
): string {
  const asked = told.attempts.map(({ upstream, model, outcome, cause }) => {
    return `  asked       ${upstream}/${model}: ${cause ?? outcome}`;
  });
  return [
    `${told.id}, ${new Date(told.atMs).toISOString()}`,
    formatExplanation(told, signals),
    ...asked,
    ...(told.unrepeatable === null ? [] : [`  otherwise   not known: ${told.unrepeatable}`]),
  ].join('\n');
}
