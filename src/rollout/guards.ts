/** Is a policy doing harm? Sums over a sliding window of what it decided; reads no clock. */
import type { Guards } from '../core/policy.ts';
import type { UsageRecord } from '../core/record.ts';

type Bound = 'errorRate' | 'ttftMs' | 'largeShare' | 'costUsdPerHour';

export interface Breach {
  readonly guard: Bound;
  /** A share, or US dollars an hour; for `ttftMs` the share that was late. */
  readonly is: number;
  readonly bound: number;
  /** For the log: `20.0 % of 60 requests failed in 10 minutes, more than 5.0 %`. */
  readonly message: string;
}

export interface GuardWindow {
  /** Counts a record if its decision was made by this version, and acted on. */
  observe(record: UsageRecord, nowMs: number): void;
  /** The first bound that is broken by what came within the window before `nowMs`. */
  breach(nowMs: number): Breach | undefined;
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

/** The window moves in steps of one sixtieth: old enough to be forgotten is a step's precision. */
const STEPS = 60;
/** "95 of 100" keep the time to first token exactly when no more than this share is late. */
const LATE_SHARE = 0.05;
const MS_PER_MINUTE = 60_000;
const MINUTES_PER_HOUR = 60;
const NANO = 1e9;

/** Milliseconds are of any clock, but always of the same one. Memory is constant. */
export function guardWindow(guards: Guards, version: string): GuardWindow {
  const stepMs = (guards.windowMinutes * MS_PER_MINUTE) / STEPS;
  const steps = new Map<number, Sums>();
  const stepAt = (nowMs: number): number => Math.floor(nowMs / stepMs);
  const forget = (now: number): void => {
    for (const step of steps.keys()) if (step <= now - STEPS) steps.delete(step);
  };
  return {
    observe: (record, nowMs) => {
      if (!isJudged(record, version)) return;
      const now = stepAt(nowMs);
      forget(now);
      const sums = steps.get(now) ?? nothing();
      steps.set(now, sums);
      add(sums, record, guards.ttftMs ?? Infinity);
    },
    breach: (nowMs) => {
      forget(stepAt(nowMs));
      return breachOf(total(steps.values()), guards);
    },
  };
}

/** What the policy only watched, and what the caller chose himself, is none of its doing. */
function isJudged({ decision, shadowOf, outcome }: UsageRecord, version: string): boolean {
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

/** What an upstream found wrong with the request itself is the caller's mistake. */
function isFailure({ outcome, errorCode, attempts }: UsageRecord): boolean {
  if (outcome !== 'failed' || errorCode?.startsWith('caller_') === true) return false;
  return attempts.at(-1)?.cause !== 'rejected';
}

const nothing = (): Sums => ({
  ended: 0,
  failed: 0,
  large: 0,
  firstTokens: 0,
  lateFirstTokens: 0,
  costNanoUsd: 0,
});

function total(all: Iterable<Sums>): Sums {
  const sum = nothing();
  for (const each of all) {
    sum.ended += each.ended;
    sum.failed += each.failed;
    sum.large += each.large;
    sum.firstTokens += each.firstTokens;
    sum.lateFirstTokens += each.lateFirstTokens;
    sum.costNanoUsd += each.costNanoUsd;
  }
  return sum;
}

interface Test {
  readonly guard: Bound;
  /** How many it was told by. */
  readonly of: number;
  readonly is: number;
  /** Broken when `is` is above; differs from what is written only for `ttftMs`. */
  readonly limit: number;
  readonly words: string;
}

function breachOf(sums: Sums, guards: Guards): Breach | undefined {
  const { windowMinutes, minRequests } = guards;
  const broken = testsOf(sums, guards).find(
    ({ guard, of, is, limit }) => is > limit && (guard === 'costUsdPerHour' || of >= minRequests),
  );
  if (broken === undefined) return undefined;
  const { guard, is, words } = broken;
  return { guard, is, bound: guards[guard] ?? 0, message: `${words} in ${windowMinutes} minutes` };
}

function testsOf(sums: Sums, guards: Guards): readonly Test[] {
  const { ended, failed, large, firstTokens, lateFirstTokens, costNanoUsd } = sums;
  // Over the whole window, however much of it is filled: a few dear requests at the start are no hour.
  const hours = guards.windowMinutes / MINUTES_PER_HOUR;
  const usdPerHour = costNanoUsd / NANO / hours;
  const tests: readonly (Test & { readonly bound: number | undefined })[] = [
    {
      guard: 'errorRate',
      bound: guards.errorRate,
      of: ended,
      is: share(failed, ended),
      limit: guards.errorRate ?? 1,
      words: `${percent(failed, ended)} of ${ended} requests failed`,
    },
    {
      guard: 'ttftMs',
      bound: guards.ttftMs,
      of: firstTokens,
      is: share(lateFirstTokens, firstTokens),
      limit: LATE_SHARE,
      words: `${percent(lateFirstTokens, firstTokens)} of ${firstTokens} first tokens came later than ${guards.ttftMs} ms`,
    },
    {
      guard: 'largeShare',
      bound: guards.largeShare,
      of: ended,
      is: share(large, ended),
      limit: guards.largeShare ?? 1,
      words: `the large tier answered ${percent(large, ended)} of ${ended} requests`,
    },
    {
      guard: 'costUsdPerHour',
      bound: guards.costUsdPerHour,
      of: ended,
      is: usdPerHour,
      limit: guards.costUsdPerHour ?? Infinity,
      words: `requests cost ${usdPerHour.toFixed(4)} US dollars an hour`,
    },
  ];
  return tests.filter(({ bound }) => bound !== undefined);
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const percent = (part: number, whole: number): string =>
  `${(share(part, whole) * 100).toFixed(1)} %`;
