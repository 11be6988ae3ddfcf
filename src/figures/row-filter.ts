/** Which records a list of rows has, and in which order. */
import type { RequestFilters, RequestOrder } from '../core/admin-requests.ts';
import type { UsageRecord } from '../core/record.ts';
import { isEscalated, placedIn, type CellKey } from './count.ts';

const SEARCHED = ['key', 'model', 'rule'] as const;
const NAMED = ['tier', 'upstream', 'model', 'key', 'rule', 'domain', 'outcome', 'kind'] as const;

/** Whether records of this cell may be in the list; the text may still be an id's. */
export const isListed = (key: CellKey, filters: RequestFilters): boolean =>
  NAMED.every((name) => filters[name]?.includes(key[name]) ?? true);

export function hasText(key: CellKey, text: string): boolean {
  const wanted = text.toLowerCase();
  return SEARCHED.some((name) => key[name].toLowerCase().includes(wanted));
}

/** An id, or how it begins; without its prefix too. */
const isIdOf = (id: string, text: string): boolean =>
  id.startsWith(text) || id.startsWith(`req_${text}`);

export interface Listed {
  readonly id: string;
  readonly atMs: number;
  readonly latencyMs: number;
  /** Of all attempts; 0 where nothing is known. */
  readonly nanoUsd: number;
}

export const nanoUsdOf = ({ attempts }: UsageRecord): number =>
  attempts.reduce((sum, { cost }) => sum + (cost?.totalNanoUsd ?? 0), 0);

/** Whether a record is in the list. */
export function isMatch(record: UsageRecord, filters: RequestFilters): boolean {
  const { text, from = -Infinity, to = Infinity } = filters;
  if (record.atMs < from || record.atMs >= to) return false;
  const { minLatencyMs, maxLatencyMs, minNanoUsd, maxNanoUsd } = filters;
  if (!isWithin(record.latencyMs, minLatencyMs, maxLatencyMs)) return false;
  if (!isWithin(nanoUsdOf(record), minNanoUsd, maxNanoUsd)) return false;
  if (!isFlagged(record, filters)) return false;
  const key = placedIn(record).own;
  if (!isListed(key, filters)) return false;
  return text === undefined || hasText(key, text) || isIdOf(record.id, text);
}

const isFlagged = (record: UsageRecord, { degraded, escalated }: RequestFilters): boolean =>
  (degraded ?? record.degraded !== undefined) === (record.degraded !== undefined) &&
  (escalated ?? isEscalated(record)) === isEscalated(record);

const isWithin = (value: number, least = -Infinity, most = Infinity): boolean =>
  value >= least && value <= most;

/** What the list is sorted by. */
export function rankOf({ sort }: RequestOrder, listed: Listed): number {
  switch (sort) {
    case 'time':
      return listed.atMs;
    case 'cost':
      return listed.nanoUsd;
    case 'latency':
      return listed.latencyMs;
  }
}
