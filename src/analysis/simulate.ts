/**
 * Decides recorded requests again under another policy, with the same pure function: which decisions
 * change, and how cost, energy and expected quality change. Records are added one at a time, so that
 * memory does not grow with their number.
 */
import type { Accountant } from '../core/accounting.ts';
import type { Decision } from '../core/decision.ts';
import type { Policy } from '../core/policy.ts';
import type { UsageRecord } from '../core/record.ts';
import { flipTally, type Flips } from './simulation/flips.ts';
import { qualityTally, type Expected } from './simulation/quality.ts';
import {
  isSamePlace,
  placeOf,
  rejudge,
  type Rejudged,
  type Unusable,
} from './simulation/rejudge.ts';
import { verdictTally, type VerdictComparison } from './simulation/verdicts.ts';
import { compareSpending, type SpendingComparison } from './simulation/spending.ts';

export interface SimulationOptions {
  readonly policy: Policy;
  /** Policies whose domains are known, such as the active one. */
  readonly known: readonly Policy[];
  readonly accountant: Pick<Accountant, 'price'>;
  /** Expected quality of a small answer by complexity, as a share of the large model's. */
  readonly keptQuality: (complexity: number) => number;
  /** Milliseconds per output token to assume for a local model without recorded answers. */
  readonly localMsPerToken?: number | undefined;
}

/** Shares of the replayed requests. */
export interface Shares {
  readonly small: number;
  readonly large: number;
  readonly refused: number;
  /** Sent to the cloud with personal data masked. */
  readonly masked: number;
}

export interface Simulation extends Flips {
  readonly policy: { readonly name: string; readonly version: string; readonly threshold: number };
  readonly records: {
    readonly replayed: number;
    readonly fromMs: number;
    readonly toMs: number;
    readonly unusable: Readonly<Record<Unusable, number>>;
    readonly domainUnread: number;
    /** What the policy learned could not be added. */
    readonly learnedUnread: number;
    readonly otherThreshold: number;
    /** Requests in conversations that had begun: replayed from their recorded state. */
    readonly continued: number;
  };
  readonly before: Shares;
  readonly after: Shares;
  readonly spending: SpendingComparison;
  /** Small answers that were checked; absent where none was. */
  readonly verify?: VerdictComparison;
  /** Absent if no request has a known quality. */
  readonly quality?: { readonly before: Expected; readonly after: Expected };
  readonly unjudged: number;
}

export interface Simulator {
  add(record: UsageRecord): void;
  result(): Simulation;
}

export function simulator({
  policy,
  known,
  accountant,
  keptQuality,
  localMsPerToken,
}: SimulationOptions): Simulator {
  const judge = rejudge(policy, known);
  const notes = recordNotes();
  const flips = flipTally();
  const spending = compareSpending(accountant, localMsPerToken);
  const quality = comparedQuality(keptQuality);
  const verdicts = verdictTally(policy);
  const places = { before: placeTally(), after: placeTally() };
  return {
    add: (record) => {
      const judged = judge(record);
      notes.add(record, judged);
      if (judged.kind === 'unusable') return;
      const { was, now } = judged;
      const to = placeOf(now);
      const hasMoved = !isSamePlace(placeOf(was), to);
      places.before.add(was);
      places.after.add(now);
      flips.add(record, { was, now, hasMoved });
      quality.add(record, was, now);
      if (!hasMoved) verdicts.add(record);
      if (hasMoved) spending.add(record, to ?? 'refused');
      else spending.add(record);
    },
    result: () => ({
      policy: { name: policy.name, version: policy.version, threshold: policy.threshold.value },
      records: notes.result(),
      before: places.before.shares(),
      after: places.after.shares(),
      ...flips.result(),
      spending: spending.result(),
      ...verdicts.result(),
      ...quality.result(),
    }),
  };
}

interface RecordNotes {
  add(record: UsageRecord, judged: Rejudged): void;
  result(): Simulation['records'];
}

function recordNotes(): RecordNotes {
  const unusable: Record<Unusable, number> = { shadow: 0, undecided: 0, withoutSituation: 0 };
  const count = { replayed: 0, domainUnread: 0, learnedUnread: 0, otherThreshold: 0, continued: 0 };
  const span = { fromMs: Infinity, toMs: -Infinity };
  return {
    add: (record, judged) => {
      if (judged.kind === 'unusable') {
        unusable[judged.why] += 1;
        return;
      }
      count.replayed += 1;
      span.fromMs = Math.min(span.fromMs, record.atMs);
      span.toMs = Math.max(span.toMs, record.atMs);
      if (judged.domainUnread) count.domainUnread += 1;
      if (judged.learnedUnread) count.learnedUnread += 1;
      if (judged.otherThreshold) count.otherThreshold += 1;
      if (record.situation?.thread !== undefined) count.continued += 1;
    },
    result: () => ({ ...count, ...span, unusable }),
  };
}

interface ComparedQuality {
  add(record: UsageRecord, was: Decision, now: Decision): void;
  result(): Pick<Simulation, 'quality' | 'unjudged'>;
}

function comparedQuality(keptQuality: SimulationOptions['keptQuality']): ComparedQuality {
  const [before, after] = [qualityTally(), qualityTally()];
  let unjudged = 0;
  return {
    add: (record, was, now) => {
      if (!isJudgeable(record)) return;
      const [kept, keeps] = [keptBy(was, keptQuality), keptBy(now, keptQuality)];
      if (kept === undefined || keeps === undefined) {
        unjudged += 1;
        return;
      }
      before.add(kept);
      after.add(keeps);
    },
    result: () => {
      const [was, now] = [before.result(), after.result()];
      if (was === undefined || now === undefined) return { unjudged };
      return { quality: { before: was, after: now }, unjudged };
    },
  };
}

/** False for embeddings, pass-through routes and pinned models: complexity does not predict their quality. */
const isJudgeable = ({ operation, situation }: UsageRecord): boolean =>
  operation !== 'embeddings' && operation !== 'passthrough' && situation?.ask.kind !== 'pinned';

/** Undefined for a small answer without a recorded complexity. */
function keptBy(
  decision: Decision,
  keptQuality: SimulationOptions['keptQuality'],
): number | undefined {
  const place = placeOf(decision);
  if (place === undefined) return 0;
  if (place.tier === 'large') return 1;
  return decision.complexity === null ? undefined : keptQuality(decision.complexity);
}

interface PlaceTally {
  add(decision: Decision): void;
  shares(): Shares;
}

function placeTally(): PlaceTally {
  const counts = { small: 0, large: 0, pinned: 0, refused: 0 };
  let masked = 0;
  return {
    add: (decision) => {
      const place = placeOf(decision);
      counts[place?.tier ?? 'refused'] += 1;
      if (place?.locality === 'cloud' && decision.redact !== undefined) masked += 1;
    },
    shares: () => {
      const all = Math.max(1, counts.small + counts.large + counts.pinned + counts.refused);
      return {
        small: counts.small / all,
        large: counts.large / all,
        refused: counts.refused / all,
        masked: masked / all,
      };
    },
  };
}
