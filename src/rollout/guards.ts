/** Guards: sums over a sliding window of the requests that a policy decided. Reads no clock. */
import type { Guards } from '../core/policy.ts';
import type { UsageRecord } from '../core/record.ts';

type Bound = 'errorRate' | 'ttftMs' | 'largeShare' | 'costUsdPerHour';

export interface Breach {
  readonly guard: Bound;
  /** A share, or US dollars per hour; for `ttftMs` the share of late first tokens. */
  readonly is: number;
  readonly bound: number;
  /** For the log: `20.0 % of 60 requests failed in 10 minutes, more than 5.0 %`. */
  readonly message: string;
}

export interface GuardWindow {
  /** Counts a record if this version decided it and the decision was acted on. */
  observe(record: UsageRecord, nowMs: number): void;
  /** What was observed since the last call, for other processes that serve under this version; undefined: nothing. */
  observed(): Evidence | undefined;
  /** Counts what another process observed. */
  heard(evidence: Evidence, nowMs: number): void;
  /** The first bound that is broken within the window before `nowMs`. */
  breach(nowMs: number): Breach | undefined;
}

/** Sums of records of one version. */
interface Evidence {
  readonly version: string;
  readonly sums: Sums;
}

/** All processes have the same evidence, so that each would step back at the same time; the first does. */
export interface GuardPeers {
  tell(evidence: Evidence): void;
  hear(take: (evidence: Evidence) => void): void;
}

interface Sums {
  /** Answered or failed. */
  ended: number;
  failed: number;
  large: number;
  firstTokens: number;
  lateFirstTokens: number;
  costNanoUsd: number;
}

/** The window moves in steps of one sixtieth of its length. */
const STEPS = 60;
/** The bound on time to first token must be met by 95 of 100 requests: this share may be late. */
const LATE_SHARE = 0.05;
const MS_PER_MINUTE = 60_000;
const MINUTES_PER_HOUR = 60;
const NANO = 1e9;

/** Milliseconds may be of any clock, but always of the same one. Memory is constant. */
export function guardWindow(guards: Guards, version: string): GuardWindow {
  const stepMs = (guards.windowMinutes * MS_PER_MINUTE) / STEPS;
  const steps = new Map<number, Sums>();
  const stepAt = (nowMs: number): number => Math.floor(nowMs / stepMs);
  const dropOld = (now: number): void => {
    for (const step of steps.keys()) if (step <= now - STEPS) steps.delete(step);
  };
  let untold = emptySums();
  const sumsAt = (nowMs: number): Sums => {
    const now = stepAt(nowMs);
    dropOld(now);
    const sums = steps.get(now) ?? emptySums();
    steps.set(now, sums);
    return sums;
  };
  return {
    observe: (record, nowMs) => {
      if (!isCounted(record, version)) return;
      for (const sums of [sumsAt(nowMs), untold]) add(sums, record, guards.ttftMs ?? Infinity);
    },
    observed: () => {
      if (untold.ended === 0) return undefined;
      const sums = untold;
      untold = emptySums();
      return { version, sums };
    },
    heard: ({ version: theirs, sums }, nowMs) => {
      if (theirs === version) addSums(sumsAt(nowMs), sums);
    },
    breach: (nowMs) => {
      dropOld(stepAt(nowMs));
      return breachOf(total(steps.values()), guards);
    },
  };
}

/** Requests that the policy only observed, or whose target the caller chose, do not count. */
function isCounted({ decision, shadowOf, outcome }: UsageRecord, version: string): boolean {
  if (decision?.policy.version !== version || shadowOf !== undefined) return false;
  if (decision.onlyWatches === true || decision.rule === 'caller') return false;
  return outcome === 'answered' || outcome === 'failed';
}

function add(sums: Sums, record: UsageRecord, ttftMs: number): void {
  const last = record.attempts.at(-1);
  sums.ended += 1;
  if (isFailure(record)) sums.failed += 1;
  if (last?.tier === 'large') sums.large += 1;
  if (record.ttftMs !== undefined) {
    sums.firstTokens += 1;
    if (record.ttftMs > ttftMs) sums.lateFirstTokens += 1;
  }
  for (const { cost } of record.attempts) sums.costNanoUsd += cost?.totalNanoUsd ?? 0;
}

/** A request that an upstream rejects as invalid is the caller's error. */
function isFailure({ outcome, errorCode, attempts }: UsageRecord): boolean {
  if (outcome !== 'failed' || errorCode?.startsWith('caller_') === true) return false;
  return attempts.at(-1)?.cause !== 'rejected';
}

const emptySums = (): Sums => ({
  ended: 0,
  failed: 0,
  large: 0,
  firstTokens: 0,
  lateFirstTokens: 0,
  costNanoUsd: 0,
});

function total(all: Iterable<Sums>): Sums {
  const sum = emptySums();
  for (const each of all) addSums(sum, each);
  return sum;
}

function addSums(sum: Sums, each: Sums): void {
  sum.ended += each.ended;
  sum.failed += each.failed;
  sum.large += each.large;
  sum.firstTokens += each.firstTokens;
  sum.lateFirstTokens += each.lateFirstTokens;
  sum.costNanoUsd += each.costNanoUsd;
}

interface GuardCheck {
  readonly guard: Bound;
  /** The number of requests that `is` is based on. */
  readonly of: number;
  readonly is: number;
  /** Broken when `is` is above it; equals the configured bound except for `ttftMs`. */
  readonly limit: number;
  readonly message: string;
}

function breachOf(sums: Sums, guards: Guards): Breach | undefined {
  const { windowMinutes, minRequests } = guards;
  const broken = checksOf(sums, guards).find(
    ({ guard, of, is, limit }) => is > limit && (guard === 'costUsdPerHour' || of >= minRequests),
  );
  if (broken === undefined) return undefined;
  const { guard, is, message } = broken;
  return {
    guard,
    is,
    bound: guards[guard] ?? 0,
    message: `${message} in ${windowMinutes} minutes`,
  };
}

function checksOf(sums: Sums, guards: Guards): readonly GuardCheck[] {
  const { ended, failed, large, firstTokens, lateFirstTokens, costNanoUsd } = sums;
  // Over the whole window, even if it is not full: a few costly requests at the start are not an hourly rate.
  const hours = guards.windowMinutes / MINUTES_PER_HOUR;
  const usdPerHour = costNanoUsd / NANO / hours;
  const checks: readonly (GuardCheck & { readonly bound: number | undefined })[] = [
    {
      guard: 'errorRate',
      bound: guards.errorRate,
      of: ended,
      is: share(failed, ended),
      limit: guards.errorRate ?? 1,
      message: `${percent(failed, ended)} of ${ended} requests failed`,
    },
    {
      guard: 'ttftMs',
      bound: guards.ttftMs,
      of: firstTokens,
      is: share(lateFirstTokens, firstTokens),
      limit: LATE_SHARE,
      message: `${percent(lateFirstTokens, firstTokens)} of ${firstTokens} first tokens were later than ${guards.ttftMs} ms`,
    },
    {
      guard: 'largeShare',
      bound: guards.largeShare,
      of: ended,
      is: share(large, ended),
      limit: guards.largeShare ?? 1,
      message: `the large tier answered ${percent(large, ended)} of ${ended} requests`,
    },
    {
      guard: 'costUsdPerHour',
      bound: guards.costUsdPerHour,
      of: ended,
      is: usdPerHour,
      limit: guards.costUsdPerHour ?? Infinity,
      message: `requests cost ${usdPerHour.toFixed(4)} US dollars an hour`,
    },
  ];
  return checks.filter(({ bound }) => bound !== undefined);
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const percent = (part: number, whole: number): string =>
  `${(share(part, whole) * 100).toFixed(1)} %`;
