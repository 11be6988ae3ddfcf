/** Explains a decision, for people and programs: `explain`, `POST /v1/route`, the admin API. */
import type { Decision, Exclusion, Target, Tier } from '../core/decision.ts';
import type { Policy, Threshold } from '../core/policy.ts';
import type { VerifyPolicy } from '../core/verify.ts';
import type { Reading, Readings, RequestFacts, Signal } from '../core/signal.ts';
import { counterfactuals, type Counterfactual } from './counterfactual.ts';
import { withoutSeen } from './recorded-readings.ts';
import type { Routing } from './routing.ts';

export interface Explanation {
  readonly tier: string;
  readonly upstream: string | null;
  readonly model: string | null;
  readonly rule: string;
  readonly reason: string;
  /** The rule's condition, as the policy has it; null where no rule decided, or the policy is not at hand. */
  readonly condition: string | null;
  readonly complexity: number | null;
  readonly threshold: Threshold;
  /** Added to the threshold so that a paced budget lasts. */
  readonly shift: number;
  readonly degraded: string | null;
  readonly policy: Decision['policy'];
  /** The tier that the policy preferred. */
  readonly wanted: Tier;
  /**
   * The policy only observes, in this mode or for this conversation: everything goes to the large
   * tier.
   */
  readonly onlyWatches: boolean;
  /** The target that is asked in the background too. */
  readonly shadow: Target | null;
  readonly targets: readonly Target[];
  readonly excluded: readonly Exclusion[];
  /** How a small answer would be checked; null where it would not. */
  readonly verify: Pick<VerifyPolicy, 'checks' | 'onFail' | 'wrongAbove'> | null;
  /** What is masked in requests to cloud upstreams. */
  readonly redact: readonly string[];
  readonly refusal: { readonly code: string; readonly message: string } | null;
  /** Single changes that would have led to another target, nearest first. */
  readonly otherwise: readonly Counterfactual[];
  readonly readings: Readings;
  readonly request: RequestFacts;
}

export function explanation(routing: Routing): Explanation {
  const { ask, decision, readings, features, snapshot, policy } = routing;
  const { facts } = features;
  const situation = { facts, readings, snapshot };
  return {
    ...outline({ decision, readings, facts, threshold: policy.threshold, rules: policy.rules }),
    verify: verifyOf(routing),
    otherwise: counterfactuals({ ask, situation, policy }),
  };
}

function verifyOf({ ask, decision, policy: { verify } }: Routing): Explanation['verify'] {
  if (verify === undefined || ask.kind !== 'routed' || decision.kind !== 'route') return null;
  if (decision.onlyWatches === true || decision.targets[0].tier !== 'small') return null;
  const { checks, onFail, wrongAbove } = verify;
  return { checks, onFail, wrongAbove };
}

interface Outlined {
  readonly decision: Decision;
  readonly readings: Readings;
  readonly facts: RequestFacts;
  readonly threshold: Threshold;
  /** Of the policy that decided, where it is at hand. */
  readonly rules?: Policy['rules'];
}

/** What the decision itself holds: it is not repeated, so `otherwise` is empty. */
export function outline({ decision, readings, facts, threshold, rules }: Outlined): Explanation {
  const targets = decision.kind === 'route' ? decision.targets : [];
  const [first] = targets;
  return {
    tier: first?.tier ?? 'none',
    upstream: first?.upstream ?? null,
    model: first?.model ?? null,
    rule: decision.rule,
    reason: decision.reason,
    condition: conditionOf(decision, rules),
    complexity: decision.complexity,
    threshold,
    degraded: decision.degraded ?? null,
    policy: decision.policy,
    wanted: decision.wanted,
    onlyWatches: decision.onlyWatches ?? false,
    shadow: decision.shadow ?? null,
    targets,
    excluded: decision.excluded,
    verify: null,
    ...actedOn(decision),
    refusal: refusalOf(decision),
    otherwise: [],
    readings: withoutSeen(readings),
    request: facts,
  };
}

const actedOn = ({ shift = 0, redact = [] }: Decision): Pick<Explanation, 'shift' | 'redact'> => ({
  shift,
  redact,
});

const conditionOf = ({ rule }: Decision, rules: Policy['rules'] = []): string | null =>
  rules.find(({ name }) => name === rule)?.when.source ?? null;

const refusalOf = (decision: Decision): Explanation['refusal'] =>
  decision.kind === 'refuse' ? { code: decision.code, message: decision.message } : null;

const pacedBy = ({ shift }: Explanation): string =>
  shift === 0 ? '' : `, and ${shift} more so that a budget lasts`;

/** Without the first sentence a small answer would seem to follow from the reason why the large one was wanted. */
const degradedWords = ({ degraded, wanted, tier }: Explanation): string =>
  wanted === tier ? `${degraded}` : `so the ${wanted} tier was wanted; not asked: ${degraded}`;

/** Formats the explanation as a few lines of text. `signals` describe what their scores mean. */
export function formatExplanation(explained: Explanation, signals: readonly Signal[] = []): string {
  const to =
    explained.upstream === null
      ? 'refused'
      : `${explained.tier} → ${explained.upstream}/${explained.model}`;
  const lines = [
    `${to}   (rule: ${explained.rule})`,
    `  why         ${explained.reason}`,
    ...(explained.degraded === null ? [] : [`  degraded    ${degradedWords(explained)}`]),
    `  complexity  ${explained.complexity?.toFixed(3) ?? 'unknown'}, large at or above ${explained.threshold.value.toFixed(3)} (${explained.threshold.from})${pacedBy(explained)}`,
    `  policy      ${explained.policy.name}@${explained.policy.version}, mode ${explained.policy.mode}`,
    ...(explained.onlyWatches
      ? [`  watching    it would have asked the ${explained.wanted} tier, but only looks on here`]
      : []),
    ...(explained.shadow === null
      ? []
      : [
          `  shadow      ${explained.shadow.upstream}/${explained.shadow.model}, in the background`,
        ]),
    ...(explained.refusal === null
      ? []
      : [`  refused     ${explained.refusal.code}: ${explained.refusal.message}`]),
    ...explained.targets
      .slice(1)
      .map((target) => `  then        ${target.upstream}/${target.model}`),
    ...checkLines(explained),
    ...(explained.redact.length === 0
      ? []
      : [`  masked      ${explained.redact.join(', ')}, for the cloud`]),
    ...explained.excluded.map(
      ({ target, reason }) =>
        `  excluded    ${target.upstream}/${target.model || target.tier}: ${reason}`,
    ),
    ...explained.otherwise.map((other) => `  otherwise   ${other.change}: ${other.to}`),
    '  signals',
    ...Object.entries(explained.readings).map(([name, reading]) => {
      const about = signals.find((signal) => signal.name === name)?.about;
      const meaning = about === undefined ? '' : `\n${' '.repeat(22)}high: ${about}`;
      return `    ${name.padEnd(12)}${said(reading)}${meaning}`;
    }),
    requestLine(explained.request),
  ];
  return lines.join('\n');
}

function requestLine({ inputTokens, turns, needs }: Explanation['request']): string {
  const asked = turns === 1 ? '1 user turn' : `${turns} user turns`;
  return `  request     about ${inputTokens} tokens, ${asked}, needs ${needs.join(', ') || 'nothing'}`;
}

function checkLines({ verify }: Explanation): readonly string[] {
  if (verify === null) return [];
  const then = verify.onFail === 'escalate' ? 'answered by the large model' : 'recorded';
  return [`  checked     ${verify.checks.length} checks; what fails is ${then}`];
}

function said(reading: Reading): string {
  if (reading.kind === 'abstain') return `–     ${reading.reason}`;
  const value = reading.value === undefined ? '' : `${reading.value}: `;
  return `${reading.score.toFixed(2)}  ${value}${reading.reason}`;
}
