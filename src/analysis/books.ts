/**
 * Both books of money, side by side: what is owed for calls to paid upstreams, and what is charged to keys for their requests. Integer
 * nano-USD, so that rows add up. Local electricity is in neither.
 */
import type { PaidCalls } from '../core/ledger-tools.ts';
import type { UsageRecord } from '../core/record.ts';
import { periodAt, type CalendarPeriod } from '../lib/calendar.ts';

export const GROUPS = ['key', 'team', 'model', 'upstream'] as const;
export type Group = (typeof GROUPS)[number];

export interface BookRow {
  /** The first moment of the period, in milliseconds since the epoch. */
  readonly fromMs: number;
  readonly name: string;
  readonly requests: number;
  readonly calls: number;
  readonly owedNanoUsd: number;
  /** The part of it whose cost is not known. */
  readonly unknownNanoUsd: number;
  readonly chargedNanoUsd: number;
  /** What is owed and charged to nobody: shadows, probes, requests without a record; negative: the other way round. */
  readonly gapNanoUsd: number;
}

export interface Books {
  addCall(call: PaidCalls): void;
  addRecord(record: UsageRecord): void;
  /** By time, then by name. */
  rows(): readonly BookRow[];
}

interface How {
  readonly by: Group;
  readonly per: CalendarPeriod;
  readonly zone: string;
}

type Sums = { -readonly [Name in keyof BookRow]: BookRow[Name] };

export function books({ by, per, zone }: How): Books {
  const sums = new Map<string, Sums>();
  let period = { startMs: Infinity, endMs: -Infinity };
  const at = (atMs: number, name: string): Sums => {
    if (atMs < period.startMs || atMs >= period.endMs) period = periodAt(per, zone, atMs);
    const fromMs = Number.isFinite(period.startMs) ? period.startMs : 0;
    const key = JSON.stringify([fromMs, name]);
    const known = sums.get(key);
    if (known !== undefined) return known;
    const made = { ...NOTHING, fromMs, name };
    sums.set(key, made);
    return made;
  };
  return {
    addCall: (call) => {
      const sum = at(call.atMs, call[by === 'key' ? 'caller' : by]);
      sum.calls += call.calls;
      sum.owedNanoUsd += call.nanoUsd;
      if (call.isUnknown) sum.unknownNanoUsd += call.nanoUsd;
    },
    addRecord: (record) => {
      for (const { name, requests, nanoUsd } of chargesOf(record, by)) {
        const sum = at(record.atMs, name);
        sum.requests += requests;
        sum.chargedNanoUsd += nanoUsd;
      }
    },
    rows: () =>
      [...sums.values()]
        .map((sum) => Object.assign(sum, { gapNanoUsd: sum.owedNanoUsd - sum.chargedNanoUsd }))
        .toSorted((a, b) => a.fromMs - b.fromMs || (a.name < b.name ? -1 : 1)),
  };
}

const NOTHING = {
  requests: 0,
  calls: 0,
  owedNanoUsd: 0,
  unknownNanoUsd: 0,
  chargedNanoUsd: 0,
  gapNanoUsd: 0,
};

interface Charge {
  readonly name: string;
  readonly requests: number;
  readonly nanoUsd: number;
}

/** A request counts once, where its last attempt went; each attempt's money goes to its own model and upstream. */
function chargesOf(record: UsageRecord, by: Group): readonly Charge[] {
  if (record.shadowOf !== undefined) return [];
  const { attempts, caller, situation } = record;
  const paid = attempts.map(({ cost, upstream, model }) => ({
    upstream,
    model,
    nanoUsd: cost === null ? 0 : cost.totalNanoUsd - (cost.kinds['energy'] ?? 0),
  }));
  if (by === 'key' || by === 'team') {
    const nanoUsd = paid.reduce((sum, each) => sum + each.nanoUsd, 0);
    const name = by === 'key' ? caller : (situation?.labels?.['team'] ?? '');
    return [{ name, requests: 1, nanoUsd }];
  }
  return paid.map((each, index) => ({
    name: each[by],
    requests: index === paid.length - 1 ? 1 : 0,
    nanoUsd: each.nanoUsd,
  }));
}
