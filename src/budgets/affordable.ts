/** What an attempt can cost at most, and why it cannot be paid for. */
import type { Budget, BudgetFacts, BudgetState, Unaffordable } from '../core/budget.ts';
import type { Call } from '../core/call.ts';
import type { Target } from '../core/decision.ts';
import type { Features } from '../core/signal.ts';
import type { Pacing } from './pacing.ts';
import type { Book } from './book.ts';
import { isCapped, type Full, type LargeCaps } from './large-cap.ts';
import type { RouterAnomalies } from './router-anomalies.ts';
import { capped, exceeded, unpriced } from './refusals.ts';
import { tightest } from './standing.ts';
import { inputOf, worstCase, type Bound, type WorstCase } from './worst-case.ts';

export interface Asking {
  readonly call: Call;
  readonly features: Features;
  readonly atMs: number;
  /** The budgets of the caller. */
  readonly own: readonly Budget[];
  /** What is left in all of them. */
  readonly left: number;
}

export interface Prices {
  /** Whether an upstream's answers are paid for by the token; electricity is not meant. */
  readonly isPaid: (target: Target, call: Call) => boolean;
  /** The dearest prices for so many input tokens; null = not known. */
  readonly bound: (target: Target, call: Call, inputTokens: number) => Bound | null;
}

export interface Tools {
  readonly book: Book;
  readonly caps: LargeCaps;
  readonly pacing: Pacing;
  readonly anomalies: RouterAnomalies;
  readonly prices: Prices;
}

/** The caller's budgets that hold the large model down, where it is the one to be asked. */
export const cappedFor = ({ tier }: Target, own: readonly Budget[]): readonly Budget[] =>
  tier === 'small' ? NONE : own.filter(isCapped);

const NONE: readonly Budget[] = [];

/** Undefined where it does not fit; null where no price is known. */
export function mostOf(
  target: Target,
  { call, features, own, left, atMs }: Asking,
  { caps, prices }: Tools,
): WorstCase | null | undefined {
  const { facts } = features;
  const bound = prices.bound(target, call, inputOf(facts));
  if (bound === null) return null;
  const held = cappedFor(target, own);
  const affordable = held.length === 0 ? left : Math.min(left, caps.left(held, atMs));
  return worstCase({ call, facts, model: target.model }, bound, affordable);
}

/** Undefined for a target that may be asked: it is free, or can be paid for. */
export function unaffordable(
  target: Target,
  asking: Asking,
  tools: Tools,
): Unaffordable | undefined {
  const { call, own, atMs } = asking;
  const { book, caps, prices } = tools;
  const { upstream, model } = target;
  const held = cappedFor(target, own);
  const full = heldDown(held, asking, tools);
  if (full !== undefined) return { upstream, model, ...capped(full) };
  if (!prices.isPaid(target, call)) return undefined;
  const most = mostOf(target, asking, tools);
  if (most !== undefined && most !== null) return undefined;
  if (most === null) return notPriced(target, asking);
  const uncapped = held.length === 0 ? undefined : mostOf(target, { ...asking, own: NONE }, tools);
  const short = uncapped && caps.short(held, uncapped.nanoUsd, atMs);
  if (short) return { upstream, model, ...capped(short) };
  const state = leastLeft(own, atMs, book);
  const { message } = exceeded(state);
  const code = 'policy_budget_exceeded';
  const until = Number.isFinite(state.endMs) ? { untilMs: state.endMs } : {};
  return { upstream, model, budget: state.budget.name, code, reason: message, ...until };
}

/** Why none of its requests may reach the large model now, whatever this one costs. */
const heldDown = (held: readonly Budget[], asking: Asking, tools: Tools): Full | undefined =>
  held.length === 0
    ? undefined
    : (tools.caps.full(held, asking.call, asking.atMs) ?? clamped(held, asking, tools));

/** A caller that chose the model itself has not fooled the router. */
function clamped(
  held: readonly Budget[],
  { call, atMs }: Asking,
  { anomalies }: Tools,
): Full | undefined {
  const budget = held.find(({ large }) => large?.onAnomaly === 'clamp');
  if (budget === undefined || NAMED.test(call.override ?? call.requestedModel)) return undefined;
  const untilMs = anomalies.untilMs(call.caller.name, atMs);
  return untilMs === undefined ? undefined : { budget, what: 'anomaly', untilMs };
}

/** A tier, or a model of an upstream. */
const NAMED = /^(?:small|large)$|\//;

/** Undefined where none of the budgets minds. */
function notPriced(target: Target, { call, own }: Asking): Unaffordable | undefined {
  const strict = own.find((budget) => budget.unpriced === 'refuse');
  if (strict === undefined) return undefined;
  const { upstream, model } = target;
  const { message } = unpriced(target, strict, call);
  return { upstream, model, budget: strict.name, code: 'policy_unpriced', reason: message };
}

function leastLeft(own: readonly Budget[], atMs: number, book: Book): BudgetState {
  const states = own.map((budget) => book.state(budget, atMs));
  return states.reduce((least, state) => (leftOf(state) < leftOf(least) ? state : least));
}

const leftOf = ({ budget, spentNanoUsd, reservedNanoUsd }: BudgetState): number =>
  budget.limitNanoUsd - spentNanoUsd - reservedNanoUsd;

/** What policies may ask. @param find what cannot be paid for with so much left */
export function factsOf(
  own: readonly Budget[],
  atMs: number,
  { book, pacing }: Pick<Tools, 'book' | 'pacing'>,
  find: (left: number) => readonly Unaffordable[],
): BudgetFacts {
  const state = tightest(own, atMs, book);
  const { budget, spentNanoUsd, reservedNanoUsd, startMs, endMs } = state;
  const committed = spentNanoUsd + reservedNanoUsd;
  const spentShare = committed / budget.limitNanoUsd;
  const evenly = Number.isFinite(endMs) ? (atMs - startMs) / (endMs - startMs) : 1;
  const gone = pacing.planned(state, atMs) ?? evenly;
  const left = book.left(own, atMs);
  const found = find(left);
  const shift = pacing.shiftOf(own);
  return {
    spentShare,
    leftUsd: left / 1e9,
    pace: gone > 0 ? spentShare / gone : 0,
    ...(found.length === 0 ? {} : { unaffordable: found }),
    ...(shift === undefined ? {} : { shift }),
  };
}
