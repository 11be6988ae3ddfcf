/** What carried routes cost by the call, where nothing in the answer says it: pictures, sound, batches. */
import type { Cost } from '../core/record.ts';

/** US dollars a call, by route below `/v1`; `{}` stands for one place: `/videos/{}/remix`. */
export type Fees = Readonly<Record<string, number>>;

const NANO_USD_PER_USD = 1e9;

/** In nano-USD; undefined for a route without a fee. @param path below `/v1`, with or without a query */
export function feeOf(fees: Fees | undefined, path: string): number | undefined {
  if (fees === undefined) return undefined;
  const given = (path.split('?', 1)[0] ?? '').replace(/\/$/, '').split('/');
  for (const route in fees) {
    if (fits(route.split('/'), given)) return Math.round(fees[route]! * NANO_USD_PER_USD);
  }
  return undefined;
}

const fits = (route: readonly string[], given: readonly string[]): boolean =>
  route.length === given.length &&
  route.every((place, at) => place === '{}' || place === given[at]);

export const feeCost = (nanoUsd: number): Cost => ({
  totalNanoUsd: nanoUsd,
  kinds: { fee: nanoUsd },
  source: 'the fee of this route in the configuration',
});
