/** A decision told at length, for people and programs: `explain`, `POST /v1/route`, the admin API. */
import type { Decision, Exclusion, Target, Tier } from '../core/decision.ts';
import type { Threshold } from '../core/policy.ts';
import type { Reading, Readings, RequestFacts, Signal } from '../core/signal.ts';
import { counterfactuals, type Counterfactual } from './counterfactual.ts';
import type { Routing } from './routing.ts';

export interface Explanation {
  readonly tier: string;
  readonly upstream: string | null;
  readonly model: string | null;
  readonly rule: string;
  readonly reason: string;
  readonly complexity: number | null;
  readonly threshold: Threshold;
  readonly degraded: string | null;
  readonly policy: Decision['policy'];
  /** The tier that the policy wanted. */
  readonly wanted: Tier;
  /** It looks on in this mode, or for this conversation: everything goes to the large tier. */
  readonly onlyWatches: boolean;
  /** Asked too, in the background. */
  readonly shadow: Target | null;
  readonly targets: readonly Target[];
  readonly excluded: readonly Exclusion[];
  /** Masked before anything goes to the cloud. */
  readonly redact: readonly string[];
  readonly refusal: { readonly code: string; readonly message: string } | null;
  /** Single changes that would have led elsewhere, nearest first. */
  readonly otherwise: readonly Counterfactual[];
  readonly readings: Readings;
  readonly request: RequestFacts;
}

export function explanation(routing: Routing): Explanation {
  const { ask, decision, readings, features, snapshot, policy } = routing;
  const { facts } = features;
  const situation = { facts, readings, snapshot };
  return {
    ...outline({ decision, readings, facts, threshold: policy.threshold }),
    otherwise: counterfactuals({ ask, situation, policy }),
  };
}

interface Outlined {
  readonly decision: Decision;
  readonly readings: Readings;
  readonly facts: RequestFacts;
  readonly threshold: Threshold;
}

/** As far as the decision itself says: it is not made again, so `otherwise` is empty. */
export function outline({ decision, readings, facts, threshold }: Outlined): Explanation {
  const targets = decision.kind === 'route' ? decision.targets : [];
  const [first] = targets;
  return {
    tier: first?.tier ?? 'none',
    upstream: first?.upstream ?? null,
    model: first?.model ?? null,
    rule: decision.rule,
    reason: decision.reason,
    complexity: decision.complexity,
    threshold,
    degraded: decision.degraded ?? null,
    policy: decision.policy,
    wanted: decision.wanted,
    onlyWatches: decision.onlyWatches ?? false,
    shadow: decision.shadow ?? null,
    targets,
    excluded: decision.excluded,
    redact: decision.redact ?? [],
    refusal: refusalOf(decision),
    otherwise: [],
    readings,
    request: facts,
  };
}

const refusalOf = (decision: Decision): Explanation['refusal'] =>
  decision.kind === 'refuse' ? { code: decision.code, message: decision.message } : null;

/** The same as a few lines of text. `signals` say what their scores mean. */
export function formatExplanation(told: Explanation, signals: readonly Signal[] = []): string {
  const to = told.upstream === null ? 'refused' : `${told.tier} → ${told.upstream}/${told.model}`;
  const lines = [
    `${to}   (rule: ${told.rule})`,
    `  why         ${told.reason}`,
    `  complexity  ${told.complexity?.toFixed(3) ?? 'unknown'}, large at or above ${told.threshold.value.toFixed(3)} (${told.threshold.from})`,
    `  policy      ${told.policy.name}@${told.policy.version}, mode ${told.policy.mode}`,
    ...(told.onlyWatches
      ? [`  watching    it would have asked the ${told.wanted} tier, but only looks on here`]
      : []),
    ...(told.shadow === null
      ? []
      : [`  shadow      ${told.shadow.upstream}/${told.shadow.model}, in the background`]),
    ...(told.degraded === null ? [] : [`  degraded    ${told.degraded}`]),
    ...(told.refusal === null
      ? []
      : [`  refused     ${told.refusal.code}: ${told.refusal.message}`]),
    ...told.targets.slice(1).map((target) => `  then        ${target.upstream}/${target.model}`),
    ...(told.redact.length === 0 ? [] : [`  masked      ${told.redact.join(', ')}, for the cloud`]),
    ...told.excluded.map(
      ({ target, reason }) =>
        `  excluded    ${target.upstream}/${target.model || target.tier}: ${reason}`,
    ),
    ...told.otherwise.map((other) => `  otherwise   ${other.change}: ${other.to}`),
    '  signals',
    ...Object.entries(told.readings).map(([name, reading]) => {
      const about = signals.find((signal) => signal.name === name)?.about;
      const meaning = about === undefined ? '' : `\n${' '.repeat(22)}high: ${about}`;
      return `    ${name.padEnd(12)}${said(reading)}${meaning}`;
    }),
    `  request     about ${told.request.inputTokens} tokens, ${told.request.turns} user turn(s), needs ${told.request.needs.join(', ') || 'nothing'}`,
  ];
  return lines.join('\n');
}

function said(reading: Reading): string {
  if (reading.kind === 'abstain') return `–     ${reading.reason}`;
  const value = reading.value === undefined ? '' : `${reading.value}: `;
  return `${reading.score.toFixed(2)}  ${value}${reading.reason}`;
}
