/**
 * The headers that report the decision and its reason on every answer: contract, "Answer headers".
 */
import type { Call } from '../../core/call.ts';
import { degradation } from '../../engine/record.ts';
import type { ExecutionResult } from '../../engine/outcome.ts';
import type { Routed } from '../../engine/gateway.ts';
import { answerCost, answering } from '../../engine/shown-cost.ts';
import { wantsNone } from '../../engine/verification.ts';
import type { Headers } from './send.ts';

/** Header values may hold visible ASCII only; model names come from configuration and upstreams. */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?');

/** Before the answer: where another target may still answer, none is named. */
export function earlyHeaders(call: Call, routed: Decided): Headers {
  const headers: Record<string, string> = {};
  addDecision(headers, call, routed);
  const { decision, mayEscalate } = routed;
  if (decision.kind === 'route' && !mayEscalate) nameTarget(headers, decision.targets[0]);
  return headers;
}

type Decided = Pick<Routed, 'decision' | 'mayEscalate' | 'stakes' | 'domain' | 'budget' | 'cache'>;

function addDecision(
  headers: Record<string, string>,
  call: Call,
  { decision, stakes, domain, cache }: Decided,
): void {
  headers['x-request-id'] = call.id;
  // Anthropic's SDKs look for it here.
  if (call.operation === 'messages') headers['request-id'] = call.id;
  headers['x-smallfirst-rule'] = printable(decision.rule);
  if (decision.complexity !== null) {
    headers['x-smallfirst-complexity'] = decision.complexity.toFixed(2);
  }
  headers['x-smallfirst-policy'] = `${printable(decision.policy.name)}@${decision.policy.version}`;
  if (domain !== undefined) headers['x-smallfirst-domain'] = domain;
  if (stakes !== undefined)
    headers['x-smallfirst-stakes'] = `${printable(stakes.kind)};${stakes.degree.toFixed(2)}`;
  if (decision.degraded !== undefined) headers['x-smallfirst-degraded'] = decision.degraded;
  if (cache !== undefined) headers['x-smallfirst-cache'] = cache;
}

/** The same, plus the target that answered and, for a whole answer, its cost. */
export function answerHeaders(call: Call, routed: Decided, done: ExecutionResult): Headers {
  const { decision } = routed;
  const headers: Record<string, string> = { ...done.answer.headers };
  addDecision(headers, call, routed);
  nameTarget(headers, done.target);
  const degraded = degradation(decision, done.attempts);
  if (degraded !== undefined) headers['x-smallfirst-degraded'] = degraded;
  const budget = routed.budget();
  if (budget !== undefined) headers['x-smallfirst-budget'] = printable(budget);
  if (done.maxTokens !== undefined) headers['x-smallfirst-max-tokens'] = String(done.maxTokens);
  addChecks(headers, call, done);
  if (done.isCached === true) headers['x-smallfirst-cost-usd'] = (0).toFixed(9);
  const attempt = answering(done.attempts);
  if (attempt === undefined) return headers;
  if (attempt.answeredModel !== undefined) {
    headers['x-smallfirst-model'] = printable(attempt.answeredModel);
  }
  const nanoUsd = answerCost(done.attempts);
  if (nanoUsd !== null) headers['x-smallfirst-cost-usd'] = (nanoUsd / 1e9).toFixed(9);
  if (attempt.energy !== null) {
    const { lowJ, highJ, method } = attempt.energy;
    headers['x-smallfirst-energy-j'] = `${significant(lowJ)}..${significant(highJ)};${method}`;
  }
  return headers;
}

function addChecks(headers: Record<string, string>, call: Call, done: ExecutionResult): void {
  if (done.escalated !== undefined) headers['x-smallfirst-escalated'] = done.escalated;
  if (done.isKept === true) headers['x-smallfirst-degraded'] ??= 'verify-kept';
  if (done.verdict !== undefined) headers['x-smallfirst-verified'] = done.verdict.kind;
  else if (wantsNone(call)) headers['x-smallfirst-verified'] = 'off';
}

function nameTarget(
  headers: Record<string, string>,
  target: { readonly tier: string; readonly upstream: string; readonly model: string },
): void {
  headers['x-smallfirst-tier'] = target.tier;
  headers['x-smallfirst-upstream'] = printable(target.upstream);
  headers['x-smallfirst-model'] = printable(target.model);
}

/** Three significant digits: more would claim a precision that the figure does not have. */
export function significant(joules: number): string {
  const text = joules.toPrecision(3);
  if (text.includes('e') || !text.includes('.')) return String(Number(text));
  let end = text.length;
  while (text.endsWith('0', end)) end -= 1;
  return text.slice(0, text.endsWith('.', end) ? end - 1 : end);
}
