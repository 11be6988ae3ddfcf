/** The window that the overview shows: so long until now, or from a moment to another. */
import type { Query } from './router.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const RANGES = {
  '15m': 15 * MINUTE_MS,
  '1h': HOUR_MS,
  '6h': 6 * HOUR_MS,
  '24h': DAY_MS,
  '7d': 7 * DAY_MS,
  '30d': 30 * DAY_MS,
  '90d': 90 * DAY_MS,
} as const;
type RangeName = keyof typeof RANGES;
const NAMES: readonly RangeName[] = ['15m', '1h', '6h', '24h', '7d', '30d', '90d'];
const USUAL: RangeName = '1h';

export type Period =
  | { readonly kind: 'last'; readonly name: RangeName }
  | { readonly kind: 'between'; readonly fromMs: number; readonly toMs: number };

export function periodOf({ range = '', from = '', to = '' }: Query): Period {
  const [fromMs, toMs] = [Number(from), Number(to)];
  if (from !== '' && to !== '' && fromMs < toMs) return { kind: 'between', fromMs, toMs };
  return { kind: 'last', name: NAMES.find((name) => name === range) ?? USUAL };
}

/** Milliseconds since the epoch. */
export function windowOf(
  period: Period,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  if (period.kind === 'between') return period;
  return { fromMs: nowMs - RANGES[period.name], toMs: nowMs };
}

/** Whether new requests fall into it. */
export const isLive = ({ kind }: Period): boolean => kind === 'last';

export const rangeNames = NAMES;
