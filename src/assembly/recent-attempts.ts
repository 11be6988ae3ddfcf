/** What the newest requests showed of each upstream: for people who look, and nowhere decided by. */
import type { Attempt, Sink, UsageRecord } from '../core/record.ts';
import type { RecentAttempts, RecentFailure } from '../core/shown-upstream.ts';
import type { Ledger } from '../core/store.ts';

export interface AttemptWatch {
  readonly observe: Sink;
  of(upstream: string): RecentAttempts;
}

interface Seen {
  readonly speeds: number[];
  readonly failures: RecentFailure[];
  costSource?: string;
  energySource?: string;
}

const MOST_SPEEDS = 15;
const MOST_FAILURES = 5;
/** Of shorter answers the time is that of the first token; what comes at once was ready before. */
const LEAST_TOKENS = 8;
const LEAST_MS = 20;
/** Records that a start looks back over. */
const BEFORE = 200;

export function watchAttempts(): AttemptWatch {
  const all = new Map<string, Seen>();
  return {
    observe: (record) => {
      for (const attempt of record.attempts) {
        let seen = all.get(attempt.upstream);
        if (seen === undefined) all.set(attempt.upstream, (seen = { speeds: [], failures: [] }));
        see(seen, record, attempt);
      }
    },
    of: (upstream) => {
      const { speeds = [], failures = [], ...sources } = all.get(upstream) ?? {};
      const sorted = speeds.toSorted((a, b) => a - b);
      const median = sorted[sorted.length >> 1];
      return {
        ...sources,
        failures: failures.toReversed(),
        ...(median === undefined ? {} : { tokensPerSecond: Number(median.toPrecision(3)) }),
      };
    },
  };
}

/** Those before this start too; where they cannot be read there are none to show. */
export async function watchFrom(ledger: Pick<Ledger, 'list'>, watch: AttemptWatch): Promise<void> {
  const page = await ledger.list({ limit: BEFORE }).catch(() => undefined);
  for (const record of page?.records.toReversed() ?? []) watch.observe(record);
}

function see(seen: Seen, { id, atMs, stream }: UsageRecord, attempt: Attempt): void {
  const { outcome, cause, status, model, startedMs, latencyMs, cost, energy } = attempt;
  if (outcome === 'failed' && cause !== undefined) {
    const failure = { requestId: id, atMs: atMs + startedMs + latencyMs, model, cause };
    keep(seen.failures, status === undefined ? failure : { ...failure, status }, MOST_FAILURES);
  }
  if (outcome !== 'ok') return;
  if (cost !== null) seen.costSource = cost.source;
  if (energy !== null) seen.energySource = `${energy.method}: ${energy.source}`;
  const speed = stream ? speedOf(attempt) : undefined;
  if (speed !== undefined) keep(seen.speeds, speed, MOST_SPEEDS);
}

function speedOf({ usage, latencyMs, ttftMs = 0 }: Attempt): number | undefined {
  const ms = latencyMs - ttftMs;
  if (usage === undefined || usage.outputTokens < LEAST_TOKENS || ms < LEAST_MS) return undefined;
  return (1000 * usage.outputTokens) / ms;
}

function keep<T>(list: T[], item: T, most: number): void {
  list.push(item);
  if (list.length > most) list.shift();
}
