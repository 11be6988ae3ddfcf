/**
 * Pays for attempts: reserves the most that each can cost in every budget of its caller, writes the intent down before it is sent,
 * and settles what was used.
 */
import type { AttemptLog, IntentReceipt, SpendingLimit } from '../core/attempt-log.ts';
import type { Budget, BudgetFacts, BudgetState, Unaffordable } from '../core/budget.ts';
import { teamOf, type Call } from '../core/call.ts';
import type { Target } from '../core/decision.ts';
import { GatewayError } from '../core/errors.ts';
import type { Payment, Payments } from '../core/payment.ts';
import type { Features } from '../core/signal.ts';
import { createBook, type Book, type Reserved } from './book.ts';
import { budgetRegistry, limitOf, type Registry } from './registry.ts';
import { exceeded, exceededElsewhere, unpriced } from './refusals.ts';
import { budgetHeader, tightest } from './standing.ts';
import { asReserved, settlement } from './settlement.ts';
import { inputOf, worstCase, type Bound, type WorstCase } from './worst-case.ts';

export interface PaymentParts {
  /** Those in force at first. */
  readonly budgets: readonly Budget[];
  /** Whether an upstream's answers are paid for by the token; electricity is not meant. */
  readonly isPaid: (target: Target, call: Call) => boolean;
  /** The dearest prices for so many input tokens; null = not known. */
  readonly bound: (target: Target, call: Call, inputTokens: number) => Bound | null;
  /** The name of the price list. */
  readonly prices: string;
  readonly log: AttemptLog;
  readonly newId: (prefix: string) => string;
  /** Milliseconds since the epoch. */
  readonly epochMs: () => number;
}

export interface Budgets extends Payments, Omit<Registry, 'of'> {
  attempts(): ReturnType<AttemptLog['stats']>;
  /** Nano-USD that were used above their reservations, since the start. */
  overrunNanoUsd(): number;
  /** Counts what has been reserved for longer than any answer takes as spent. */
  expire(): void;
}

/** Longer than the longest answer that a configuration usually allows. */
const LONGEST_ANSWER_MS = 3_600_000;
/** The store is asked what other processes have committed at most so often. */
const REFRESH_MS = 200;

export function createPayments(parts: PaymentParts): Budgets {
  const { epochMs, log } = parts;
  const book = createBook();
  const { of: budgetsOf, ...registry } = budgetRegistry(parts.budgets, { book, log, epochMs });
  let overrunNanoUsd = 0;
  const overrun = (nanoUsd: number): void => {
    overrunNanoUsd += nanoUsd;
  };
  const refresh = nowAndThen(registry.recall, epochMs);
  return {
    ...registry,
    facts: (call, features, targets) => {
      const own = budgetsOf(call.caller);
      if (own.length === 0) return undefined;
      const atMs = epochMs();
      return factsOf(own, atMs, book, (left) => {
        const asking = { call, features, atMs, own, left };
        const found = targets().flatMap(
          (target) => unaffordable(target, asking, { book, parts }) ?? [],
        );
        if (found.length > 0) refresh();
        return found;
      });
    },
    reserve: (call, features, target) => {
      if (!parts.isPaid(target, call)) return undefined;
      const own = budgetsOf(call.caller);
      const atMs = epochMs();
      const left = own.length === 0 ? Infinity : book.left(own, atMs);
      const asking = { call, features, atMs, own, left };
      const most = mostOf(target, asking, parts);
      const refused = most?.nanoUsd === undefined && unaffordable(target, asking, { book, parts });
      if (refused) throw new GatewayError(refused.code, refused.reason);
      const nanoUsd = most?.nanoUsd ?? 0;
      const reserved = book.reserve(own, nanoUsd, atMs);
      if ('limitNanoUsd' in reserved) throw exceeded(book.state(reserved, atMs));
      const limits = own.map((budget) => limitOf(budget, book, atMs));
      return paymentOf(most, reserved, { call, target, limits }, { parts, book, overrun });
    },
    header: (caller) => {
      const own = budgetsOf(caller);
      return own.length === 0 ? undefined : budgetHeader(tightest(own, epochMs(), book));
    },
    attempts: () => log.stats(),
    overrunNanoUsd: () => overrunNanoUsd,
    expire: () => void book.expire(epochMs() - LONGEST_ANSWER_MS),
  };
}

/** Who is refused asks what other processes have given back: the answer is for the next. */
function nowAndThen(recall: () => Promise<void>, epochMs: () => number): () => void {
  let lastMs = -Infinity;
  return () => {
    const atMs = epochMs();
    if (Math.abs(atMs - lastMs) < REFRESH_MS) return;
    lastMs = atMs;
    recall().catch(() => {});
  };
}

interface Asking {
  readonly call: Call;
  readonly features: Features;
  readonly atMs: number;
  readonly own: readonly Budget[];
  readonly left: number;
}

interface Tools {
  readonly book: Book;
  readonly parts: PaymentParts;
}

function factsOf(
  own: readonly Budget[],
  atMs: number,
  book: Book,
  find: (left: number) => readonly Unaffordable[],
): BudgetFacts {
  const { budget, spentNanoUsd, reservedNanoUsd, startMs, endMs } = tightest(own, atMs, book);
  const committed = spentNanoUsd + reservedNanoUsd;
  const spentShare = committed / budget.limitNanoUsd;
  const gone = Number.isFinite(endMs) ? (atMs - startMs) / (endMs - startMs) : 1;
  const left = book.left(own, atMs);
  const found = find(left);
  return {
    spentShare,
    leftUsd: left / 1e9,
    pace: gone > 0 ? spentShare / gone : 0,
    ...(found.length === 0 ? {} : { unaffordable: found }),
  };
}

/** Undefined where it does not fit; null where no price is known. */
function mostOf(
  target: Target,
  { call, features, left }: Asking,
  parts: PaymentParts,
): WorstCase | null | undefined {
  const { facts } = features;
  const bound = parts.bound(target, call, inputOf(facts));
  if (bound === null) return null;
  return worstCase({ call, facts, model: target.model }, bound, left);
}

/** Undefined for a target that is free, or that can be paid for. */
function unaffordable(
  target: Target,
  asking: Asking,
  { book, parts }: Tools,
): Unaffordable | undefined {
  const { call, own, atMs } = asking;
  if (!parts.isPaid(target, call)) return undefined;
  const { upstream, model } = target;
  const most = mostOf(target, asking, parts);
  if (most !== undefined && most !== null) return undefined;
  if (most === null) {
    const strict = own.find((budget) => budget.unpriced === 'refuse');
    if (strict === undefined) return undefined;
    const { message } = unpriced(target, strict, call);
    const code = 'policy_unpriced';
    return { upstream, model, budget: strict.name, code, reason: message };
  }
  const state = leastLeft(own, atMs, book);
  const { message } = exceeded(state);
  const code = 'policy_budget_exceeded';
  const until = Number.isFinite(state.endMs) ? { untilMs: state.endMs } : {};
  return { upstream, model, budget: state.budget.name, code, reason: message, ...until };
}

function leastLeft(own: readonly Budget[], atMs: number, book: Book): BudgetState {
  const states = own.map((budget) => book.state(budget, atMs));
  return states.reduce((least, state) => (leftOf(state) < leftOf(least) ? state : least));
}

const leftOf = ({ budget, spentNanoUsd, reservedNanoUsd }: BudgetState): number =>
  budget.limitNanoUsd - spentNanoUsd - reservedNanoUsd;

interface Paid {
  readonly call: Call;
  readonly target: Target;
  readonly limits: readonly SpendingLimit[];
}

interface Paying extends Tools {
  readonly overrun: (nanoUsd: number) => void;
}

function paymentOf(
  most: WorstCase | null | undefined,
  reserved: Reserved,
  { call, target, limits }: Paid,
  { parts, book, overrun }: Paying,
): Payment {
  const { log, epochMs, prices } = parts;
  const id = parts.newId('att');
  let isWritten = false;
  const received = ({ elsewhere, refusedBy }: IntentReceipt): void => {
    for (const { key, nanoUsd } of elsewhere) book.elsewhere(key, nanoUsd);
    if (refusedBy !== undefined) throw exceededElsewhere(refusedBy);
    isWritten = true;
  };
  return {
    ...(most?.maxTokens === undefined ? {} : { maxTokens: most.maxTokens }),
    durable: () => {
      const { caller } = call;
      const intent = {
        id,
        requestId: call.id,
        atMs: reserved.atMs,
        caller: caller.name,
        team: teamOf(caller) ?? null,
        upstream: target.upstream,
        model: target.model,
        prices,
        reservedNanoUsd: reserved.nanoUsd,
        limits,
      };
      return log.open(intent).then(received);
    },
    settle: (ended) => {
      const end = settlement(ended, reserved.nanoUsd);
      const over = reserved.settle(isWritten ? end.usedNanoUsd : 0);
      if (over === undefined) return undefined;
      if (most) overrun(over);
      if (isWritten) log.end({ id, atMs: epochMs(), ...end });
      const isCharged = isWritten && end.state === 'unknown' && Boolean(most);
      return isCharged ? asReserved(reserved.nanoUsd) : undefined;
    },
  };
}
