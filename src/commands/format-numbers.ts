/** Formats figures for people: few digits, one unit, ranges. */

/** Four significant digits, without trailing zeros: 1234.5 → 1,235; 0.000123456 → 0.0001235. */
export function digits(value: number, significant = 4): string {
  if (value === 0) return '0';
  const places = Math.max(0, significant - 1 - Math.floor(Math.log10(Math.abs(value))));
  const [whole = '', fraction = ''] = value.toFixed(Math.min(places, 20)).split('.');
  const kept = fraction.replace(/0+$/, '');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return kept === '' ? grouped : `${grouped}.${kept}`;
}

/** `0.6425..1.027 Wh`, or one figure if both ends round to the same. */
export function range(low: number, high: number, unit: string): string {
  const [from, to] = [digits(low), digits(high)];
  return from === to ? `${from} ${unit}` : `${from}..${to} ${unit}`;
}

/** In the largest unit of which there is at least one. */
export function joules(low: number, high: number): string {
  const most = Math.max(Math.abs(low), Math.abs(high));
  if (most >= 3.6e6) return range(low / 3.6e6, high / 3.6e6, 'kWh');
  return most >= 3600 ? range(low / 3600, high / 3600, 'Wh') : range(low, high, 'J');
}

export const grams = (low: number, high: number): string =>
  Math.max(Math.abs(low), Math.abs(high)) >= 1000
    ? range(low / 1000, high / 1000, 'kg')
    : range(low, high, 'g');

/** @param nano nano-USD */
export const usd = (nano: number): string =>
  `${nano < 0 ? '-' : ''}$${digits(Math.abs(nano) / 1e9)}`;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `1.5 minutes`, `3 hours`, `30 days`: from two days on in days, from two hours on in hours. */
export function span(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${digits(ms / DAY_MS, 3)} days`;
  return ms >= 2 * HOUR_MS
    ? `${digits(ms / HOUR_MS, 3)} hours`
    : `${digits(ms / MINUTE_MS, 3)} minutes`;
}

export const percent = (share: number): string => `${digits(share * 100, 3)} %`;

/** `1 attempt`, `2 attempts`. */
export const counted = (count: number, thing: string): string =>
  `${digits(count, 9)} ${thing}${count === 1 ? '' : 's'}`;

/** Every digit of an amount in nano-USD, in US dollars: `-0.000000041`. */
export function exactUsd(nanoUsd: number): string {
  const all = String(Math.abs(nanoUsd)).padStart(10, '0');
  return `${nanoUsd < 0 ? '-' : ''}${all.slice(0, -9)}.${all.slice(-9)}`;
}
