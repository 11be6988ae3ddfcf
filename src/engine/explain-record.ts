/** Explains a recorded decision: reproduces it from its record, if record and policy allow. */
import type { Decision } from '../core/decision.ts';
import type { Policy } from '../core/policy.ts';
import type { Attempt, UsageRecord } from '../core/record.ts';
import type { Verdict } from '../core/verify.ts';
import type { Signal } from '../core/signal.ts';
import { counterfactuals } from './counterfactual.ts';
import { decide } from './decide.ts';
import { formatExplanation, outline, type Explanation } from './explain.ts';
import { fromRecord, type DecisionInputs } from './record-situation.ts';

export interface RecordExplanation extends Explanation {
  readonly id: string;
  readonly atMs: number;
  /** The attempts in order, with their outcomes: they may differ from the decision. */
  readonly attempts: readonly Pick<
    Attempt,
    'upstream' | 'model' | 'outcome' | 'cause' | 'kind' | 'verdict'
  >[];
  /** Why `otherwise` is unknown; null if it is known. */
  readonly unrepeatable: string | null;
}

/** A record of a request that did not fail before it was decided. */
export type Decided = UsageRecord & { readonly decision: Decision };

/** `policy`: the version that decided it; undefined if it is no longer stored. */
export function explainRecord(record: Decided, policy: Policy | undefined): RecordExplanation {
  const { id, atMs, decision, facts, readings } = record;
  const attempts = record.attempts.map(({ upstream, model, outcome, cause, kind, verdict }) => ({
    upstream,
    model,
    outcome,
    ...(cause === undefined ? {} : { cause }),
    ...(kind === undefined ? {} : { kind }),
    ...(verdict === undefined ? {} : { verdict }),
  }));
  const again = repeated(record, policy);
  if ('because' in again) {
    const explanation = outline({
      decision,
      readings,
      facts,
      threshold: { value: decision.threshold, from: 'as it was then' },
    });
    return { id, atMs, ...explanation, attempts, unrepeatable: again.because };
  }
  const { threshold, rules } = again.policy;
  const explanation = outline({ decision, readings, facts, threshold, rules });
  return {
    id,
    atMs,
    ...explanation,
    otherwise: counterfactuals(again),
    attempts,
    unrepeatable: null,
  };
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

/** A policy's version does not identify the calibration that its threshold came from. */
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

function verdictWords(verdict: Verdict): string {
  const wrong = verdict.wrong === undefined ? '' : `, P(wrong) ${verdict.wrong.toFixed(2)}`;
  const abstained =
    verdict.abstained === undefined ? '' : `, confidence abstained: ${verdict.abstained}`;
  const said =
    verdict.kind === 'fail'
      ? `failed ${verdict.check}: ${verdict.reason}`
      : `check ${verdict.kind}`;
  return `${said}${wrong}${abstained}`;
}

/** Formats the explanation as a few lines of text. `signals` describe what their scores mean. */
export function formatRecordExplanation(
  explanation: RecordExplanation,
  signals?: readonly Signal[],
): string {
  const asked = explanation.attempts.map(({ upstream, model, outcome, cause, kind, verdict }) => {
    const checked = verdict === undefined ? '' : `, ${verdictWords(verdict)}`;
    const what = kind === undefined ? '' : ` (${kind})`;
    return `  asked       ${upstream}/${model}${what}: ${cause ?? outcome}${checked}`;
  });
  return [
    `${explanation.id}, ${new Date(explanation.atMs).toISOString()}`,
    formatExplanation(explanation, signals),
    ...asked,
    ...(explanation.unrepeatable === null
      ? []
      : [`  otherwise   not known: ${explanation.unrepeatable}`]),
  ].join('\n');
}
