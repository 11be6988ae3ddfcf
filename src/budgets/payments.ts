/**
 * Pays for attempts: reserves the most that each can cost in every budget of its caller, writes the intent down before it is sent,
 * and settles what was used.
 */
import type { AttemptLog, IntentReceipt } from '../core/attempt-log.ts';
import type { Budget } from '../core/budget.ts';
import { teamOf } from '../core/call.ts';
import type { Target } from '../core/decision.ts';
import { GatewayError } from '../core/errors.ts';
import type { Payment, Payments } from '../core/payment.ts';
import {
  cappedFor,
  factsOf,
  mostOf,
  unaffordable,
  type Asking,
  type Prices,
  type Tools,
} from './affordable.ts';
import { createBook, type Reserved } from './book.ts';
import { isCapped, largeCaps } from './large-cap.ts';
import { createPacing } from './pacing.ts';
import type { SpentHour } from './week-profile.ts';
import { routerAnomalies, type RouterAnomalies } from './router-anomalies.ts';
import { exceeded, exceededElsewhere } from './refusals.ts';
import { budgetRegistry, limitOf, type Registry } from './registry.ts';
import { asReserved, settlement } from './settlement.ts';
import { budgetHeader, tightest } from './standing.ts';

export interface PaymentParts extends Prices {
  /** Those in force at first. */
  readonly budgets: readonly Budget[];
  /** The name of the price list. */
  readonly prices: string;
  readonly log: AttemptLog;
  readonly newId: (prefix: string) => string;
  /** Milliseconds since the epoch. */
  readonly epochMs: () => number;
}

export interface Budgets extends Payments, Omit<Registry, 'of'> {
  attempts(): ReturnType<AttemptLog['stats']>;
  /** Undefined where processes lease nothing. */
  leased(account: string): number | undefined;
  /** Nano-USD that were used above their reservations, since the start. */
  overrunNanoUsd(): number;
  /** Counts what has been reserved for longer than any answer takes as spent. */
  expire(): void;
  /** Moves the thresholds of paced budgets: to be called once a minute. */
  keepPace(): void;
  /** What was spent in each hour of the last weeks. */
  learnPace(hours: readonly SpentHour[]): void;
  /** What is unusual in how keys' requests are routed. */
  readonly anomalies: RouterAnomalies;
}

/** Longer than the longest answer that a configuration usually allows. */
const LONGEST_ANSWER_MS = 3_600_000;
/** The store is asked what other processes have committed at most so often. */
const REFRESH_MS = 200;

export function createPayments(parts: PaymentParts): Budgets {
  const { epochMs, log } = parts;
  const book = createBook();
  const caps = largeCaps();
  const pacing = createPacing();
  const anomalies = routerAnomalies();
  const tools = { book, caps, pacing, anomalies, prices: parts };
  const { of: budgetsOf, ...registry } = budgetRegistry(parts.budgets, { ...tools, log, epochMs });
  let overrunNanoUsd = 0;
  const overrun = (nanoUsd: number): void => void (overrunNanoUsd += nanoUsd);
  const refresh = nowAndThen(registry.recall, epochMs);
  const paid = (most: Most, asking: Asking, target: Target): Payment => {
    const { own, atMs } = asking;
    const reserved = book.reserve(own, most?.nanoUsd ?? 0, atMs);
    if ('limitNanoUsd' in reserved) throw exceeded(book.state(reserved, atMs));
    return paymentOf(most, reserved, { ...asking, target }, { ...tools, parts, overrun });
  };
  return {
    ...registry,
    facts: (call, features, targets) => {
      const own = budgetsOf(call.caller);
      if (own.length === 0) return undefined;
      const atMs = epochMs();
      return factsOf(own, atMs, tools, (left) => {
        const asking = { call, features, atMs, own, left };
        const found = targets().flatMap((target) => unaffordable(target, asking, tools) ?? []);
        if (found.length > 0) refresh();
        return found;
      });
    },
    reserve: (call, features, target) => {
      const own = budgetsOf(call.caller);
      const isPaid = parts.isPaid(target, call);
      const capped = own.some(isCapped) ? own.filter(isCapped) : NONE;
      if (!isPaid && capped.length === 0) return undefined;
      const atMs = epochMs();
      const left = own.length === 0 ? Infinity : book.left(own, atMs);
      const asking = { call, features, atMs, own, left };
      const most = isPaid ? mostOf(target, asking, tools) : undefined;
      if (capped.length > 0 || !most) {
        const refused = unaffordable(target, asking, tools);
        if (refused !== undefined) throw new GatewayError(refused.code, refused.reason);
        caps.asked(capped, call, target.tier !== 'small', atMs);
      }
      return isPaid ? paid(most, asking, target) : undefined;
    },
    header: (caller) => {
      const own = budgetsOf(caller);
      return own.length === 0 ? undefined : budgetHeader(tightest(own, epochMs(), book));
    },
    attempts: () => log.stats(),
    leased: (account) => log.leased?.(account),
    overrunNanoUsd: () => overrunNanoUsd,
    expire: () => void book.expire(epochMs() - LONGEST_ANSWER_MS),
    keepPace: () => pacing.tick(registry.states(), epochMs()),
    learnPace: pacing.learn,
    anomalies,
  };
}

/** Null where no price is known, and nobody minds. */
type Most = ReturnType<typeof mostOf>;

const NONE: readonly Budget[] = [];

/** A refused request asks what other processes have given back: the answer serves the next request. */
function nowAndThen(recall: () => Promise<void>, epochMs: () => number): () => void {
  let lastMs = -Infinity;
  return () => {
    const atMs = epochMs();
    if (Math.abs(atMs - lastMs) < REFRESH_MS) return;
    lastMs = atMs;
    recall().catch(() => {});
  };
}

interface Paid extends Asking {
  readonly target: Target;
}

interface Paying extends Tools {
  readonly parts: PaymentParts;
  readonly overrun: (nanoUsd: number) => void;
}

function paymentOf(
  most: Most,
  reserved: Reserved,
  { call, target, own, atMs }: Paid,
  { parts, book, caps, overrun }: Paying,
): Payment {
  const { log, epochMs, prices } = parts;
  const held = cappedFor(target, own);
  const release = held.length === 0 ? undefined : caps.hold(held, reserved.nanoUsd, atMs);
  const limits = [...own.map((budget) => limitOf(budget, book, atMs)), ...caps.limits(held, atMs)];
  const id = parts.newId('att');
  let isWritten = false;
  const received = ({ elsewhere, refusedBy }: IntentReceipt): void => {
    for (const { key, nanoUsd } of elsewhere) {
      book.elsewhere(key, nanoUsd);
      caps.elsewhere(key, nanoUsd);
    }
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
      release?.(isWritten ? end.usedNanoUsd : 0);
      if (most) overrun(over);
      if (isWritten) log.end({ id, atMs: epochMs(), ...end });
      const isCharged = isWritten && end.state === 'unknown' && Boolean(most);
      return isCharged ? asReserved(reserved.nanoUsd) : undefined;
    },
  };
}
