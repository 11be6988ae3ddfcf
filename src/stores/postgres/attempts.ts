/**
 * The book of attempts where replicas share budgets: the money is taken from a lease, the intent is kept in the outbox before the
 * call is made, and both come to Postgres with the outbox.
 */
import type { AttemptIntent, AttemptLog } from '../../core/attempt-log.ts';
import { afterPoll } from '../../lib/after-poll.ts';
import { ledgerUnavailable, type AttemptQueue } from '../attempts/queue.ts';
import type { Forwarder } from './forwarder.ts';
import type { Leases } from './leases.ts';

interface SharedAttempts {
  /** Keeps intents and ends here. */
  readonly local: AttemptQueue;
  readonly leases: Leases;
  readonly forwarder: Forwarder;
  /** False where what is kept here ends with the process: a paid call then waits for Postgres. */
  readonly keepsRows: boolean;
}

/** A paid call waits so long for a lease, and is then refused. */
const LONGEST_WAIT_MS = 2_000;
/** Rows that wait for Postgres before nothing more is paid for. */
const MOST_WAITING = 50_000;

export function sharedAttempts(parts: SharedAttempts): AttemptLog {
  const { local, leases, forwarder } = parts;
  const end: AttemptLog['end'] = (how) => {
    leases.end(how.id, how.usedNanoUsd);
    local.end(how);
  };
  return {
    open: async (intent) => {
      const receipt = await inTime(taken(parts, intent), () => leases.end(intent.id, 0));
      if (receipt.refusedBy !== undefined) return receipt;
      try {
        await local.open(withoutLimits(intent));
        if (!parts.keepsRows) await inTime(forwarder.flush());
      } catch (error) {
        end({ id: intent.id, atMs: Date.now(), state: 'released', usedNanoUsd: 0 });
        throw error;
      }
      return receipt;
    },
    end,
    committed: (accounts) => leases.committed(accounts),
    stats: () => local.stats(),
    leased: leases.unused,
  };
}

async function taken(
  { leases, forwarder }: SharedAttempts,
  { id, limits, reservedNanoUsd }: AttemptIntent,
): ReturnType<Leases['take']> {
  if (forwarder.stats().waiting > MOST_WAITING) throw ledgerUnavailable();
  return await leases.take(id, limits, reservedNanoUsd);
}

/** The lease has made sure of them. The accounts stay: budgets in Postgres follow by them. */
const withoutLimits = (intent: AttemptIntent): AttemptIntent => ({
  ...intent,
  limits: intent.limits.map(({ key, scope, startMs, endMs, budget }) => {
    return { key, scope, startMs, endMs, budget, limitNanoUsd: Infinity };
  }),
});

/** @param late called when it comes to an end after all */
async function inTime<T>(work: Promise<T>, late: () => void = () => {}): Promise<T> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  let isLate = false;
  const giveUp = (): void => {
    isLate = true;
    reject(ledgerUnavailable());
  };
  // A thread that was busy for so long first reads what came in time.
  const timer = setTimeout(afterPoll, LONGEST_WAIT_MS, giveUp);
  work.then(
    () => isLate && late(),
    () => {},
  );
  try {
    return await Promise.race([work, over]);
  } catch {
    throw ledgerUnavailable();
  } finally {
    clearTimeout(timer);
  }
}
