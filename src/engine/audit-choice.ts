/** Which answers are audited: by the policy's share, spread over kinds of requests, and never what must stay here. */
import type { AuditPolicy, Auditor, Stratum } from '../core/audit.ts';
import type { Call } from '../core/call.ts';
import type { Decision, Target } from '../core/decision.ts';
import { chanceOf } from '../lib/chance.ts';
import type { AttemptBudget } from './attempt-budget.ts';
import type { ExecutionResult } from './outcome.ts';
import type { Routing } from './routing.ts';

export interface Given {
  readonly call: Call;
  readonly routing: Routing;
  readonly executed: ExecutionResult;
  readonly asks: AttemptBudget;
}

/** How far above the threshold large answers are looked at, where a policy wants a threshold found by audits. */
const LOOKED_AHEAD = 0.05;

/** An answer that was chosen, and what it is to be compared with. */
export interface Chosen {
  readonly call: Call;
  readonly routing: Routing;
  readonly decision: Extract<Decision, { kind: 'route' }>;
  readonly policy: AuditPolicy;
  readonly stratum: Stratum;
  readonly propensity: number;
  /** P(wrong) of the answer that was given, where it was judged. */
  readonly wrong?: number;
  /** The one that answered, and the other one. */
  readonly target: Target;
  readonly other: Target;
  readonly judge: Target;
  readonly asks: AttemptBudget;
}

/** Undefined if this answer is not audited: it is of another kind, or was not drawn. */
export function chosenOf(
  { call, routing, executed, asks }: Given,
  auditor: Auditor,
): Chosen | undefined {
  const { decision, policy, readings } = routing;
  const { audits } = policy;
  if (audits === undefined || decision.kind !== 'route') return undefined;
  if (!isComparable(routing) || !isOfInterest(executed, routing)) return undefined;
  const stratum = { ...valuesOf(readings), rule: decision.rule };
  const propensity = auditor.propensityOf(stratum, audits);
  if (chanceOf(`${call.id} audit`) >= propensity) return undefined;
  const { target, verdict } = executed;
  const other = decision.targets.find(({ tier }) => tier !== target.tier && tier !== 'pinned');
  const judge = [target, other].find((one) => one?.tier === 'large');
  if (other === undefined || judge === undefined) {
    auditor.omitted(decision.excluded.length > 0 ? 'kept-here' : 'no-large');
    return undefined;
  }
  const doubt = verdict?.wrong === undefined ? {} : { wrong: verdict.wrong };
  const about = { call, routing, asks, decision, policy: audits, stratum, propensity };
  return { ...about, ...doubt, target, other, judge };
}

/** One text by a model that the policy chose: a judge cannot compare tool calls or pictures. */
function isComparable({ ask, decision, features: { facts } }: Routing): boolean {
  const { tools, images, n, isOpaque } = facts;
  if (ask.kind !== 'routed' || decision.onlyWatches === true) return false;
  return tools === 0 && images === 0 && n === 1 && isOpaque !== true;
}

/** A small answer that was accepted, or a large one just above the threshold. */
function isOfInterest({ target, isKept, escalated }: ExecutionResult, routing: Routing): boolean {
  if (target.tier === 'small') return isKept !== true;
  return escalated === undefined && isLookedAhead(target, routing);
}

/** Just above the threshold, so that it can be shown to be too strict. */
const isLookedAhead = ({ tier }: Target, { policy, decision }: Routing): boolean =>
  tier === 'large' &&
  'worseThanLarge' in policy.objective &&
  decision.rule === 'objective' &&
  decision.complexity !== null &&
  decision.complexity < policy.threshold.value + LOOKED_AHEAD;

const valuesOf = (readings: Routing['readings']): Omit<Stratum, 'rule'> => {
  const value = (name: string): string => {
    const reading = readings[name];
    return reading?.kind === 'score' ? (reading.value ?? '') : '';
  };
  return { domain: value('domain'), language: value('language') };
};
