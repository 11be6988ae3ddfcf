/** What a caller is told whose request cannot be paid for. */
import type { Budget, BudgetState, Unaffordable } from '../core/budget.ts';
import type { Call } from '../core/call.ts';
import type { Target } from '../core/decision.ts';
import { GatewayError } from '../core/errors.ts';
import { inZone } from '../lib/calendar.ts';
import type { Full } from './large-cap.ts';
import { usd } from './standing.ts';

export function exceeded(state: BudgetState): GatewayError {
  const { budget, spentNanoUsd, reservedNanoUsd, endMs } = state;
  const resets = Number.isFinite(endMs)
    ? `It begins anew at ${inZone(endMs, budget.zone)} (${budget.zone}).`
    : 'It does not begin anew.';
  return new GatewayError(
    'policy_budget_exceeded',
    `The budget '${budget.name}' does not cover this request: of ${usd(budget.limitNanoUsd)} USD ${usd(spentNanoUsd)} are spent and ${usd(reservedNanoUsd)} reserved for requests under way. ${resets} A smaller \`max_tokens\` reserves less.`,
  );
}

/** The large model's cap is reached; the small one may still answer. */
export function capped({ budget, what, untilMs }: Full): Capped {
  const { large, name, zone } = budget;
  if (what === 'anomaly') return clamped(name, inZone(untilMs ?? 0, zone), untilMs);
  const share = Math.round((large?.share ?? 0) * 1000) / 10;
  const cap =
    what === 'share'
      ? `${share} % of the requests of an hour`
      : `${usd(large?.nanoUsdPerHour ?? 0)} USD an hour`;
  const room =
    untilMs === undefined
      ? 'This request alone would cost more; a smaller `max_tokens` reserves less.'
      : `There is room again at ${inZone(untilMs, zone)} (${zone}).`;
  return {
    budget: name,
    code: 'policy_budget_exceeded',
    reason: `The budget '${name}' lets the large model answer ${cap}, which are used up. ${room}`,
    isCap: true,
    ...(untilMs === undefined ? {} : { untilMs }),
  };
}

const clamped = (name: string, until: string, untilMs: number | undefined): Capped => ({
  budget: name,
  code: 'policy_budget_exceeded',
  reason: `The requests of this key reach the large model as they usually do not, so the budget '${name}' keeps those that are routed from it until ${until} (\`onAnomaly: clamp\`). A model that is asked for by name is not meant.`,
  isCap: true,
  ...(untilMs === undefined ? {} : { untilMs }),
});

type Capped = Omit<Unaffordable, 'upstream' | 'model'>;

export const exceededElsewhere = (budget: string): GatewayError =>
  new GatewayError(
    'policy_budget_exceeded',
    `The budget '${budget}' does not cover this request: another process of this gateway has used it up meanwhile.`,
  );

export function unpriced(target: Target, budget: Budget, { operation, path }: Call): GatewayError {
  const { upstream, model } = target;
  const what =
    operation === 'passthrough'
      ? `What this route of '${upstream}' costs is not known`
      : `What '${model}' of '${upstream}' costs is not known`;
  const [route] = path.split('?', 1);
  const cure =
    operation === 'passthrough'
      ? `write \`fees: { ${route}: … }\` (USD a call) for the upstream '${upstream}', or `
      : `write \`price: { inputUsdPerMillion: …, outputUsdPerMillion: … }\` for the upstream '${upstream}', or `;
  return new GatewayError(
    'policy_unpriced',
    `${what}, and the budget '${budget.name}' lets nothing pass that cannot be counted: ${cure}\`unpriced: allow\` in the budget.`,
  );
}
