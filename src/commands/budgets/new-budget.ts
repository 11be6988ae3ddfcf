/** Reads what `budgets set` and `keys create --budget` were given into what the store takes. */
import { share } from '../parse-options.ts';

/**
 * `50/month`, `0.5/day`: the limit and its period.
 * @param called what the user calls it, `--budget` or `LIMIT`
 * @throws Error naming it
 */
export function limitOf(called: string, text: string): { usd: number; per: string } {
  const [, usd, per] = /^(\d+(?:\.\d+)?)\/(day|week|month|all)$/.exec(text.trim()) ?? [];
  if (usd !== undefined && per !== undefined) return { usd: Number(usd), per };
  throw new Error(
    `${called} is "${text}"; write US dollars and a period, such as 50/month (day, week, month or all).`,
  );
}

export interface Given {
  readonly name: string;
  readonly limit: string;
  readonly key?: string | undefined;
  readonly team?: string | undefined;
  readonly zone?: string | undefined;
  readonly 'warn-at'?: string | undefined;
  readonly unpriced?: string | undefined;
  readonly pace?: boolean | undefined;
  readonly 'large-share'?: string | undefined;
  readonly 'large-per-hour'?: string | undefined;
}

/** @throws Error naming the option that is wrong */
export function newBudgetOf(given: Given): Readonly<Record<string, unknown>> {
  const { name, limit, key, team, zone, unpriced } = given;
  if (key !== undefined && team !== undefined)
    throw new Error('A budget has one scope: write --key or --team, or neither for the gateway.');
  const scope = key === undefined ? team && { team } : { key };
  const warnAt = given['warn-at'];
  const all = {
    name,
    ...limitOf('LIMIT', limit),
    scope,
    zone,
    unpriced,
    warnAt: warnAt && sharesOf(warnAt),
    pace: given.pace === true ? true : undefined,
    large: largeOf(given),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** `50%,0.8` */
const sharesOf = (text: string): readonly number[] =>
  text.split(',').map((each) => {
    const value = share('warn-at', each);
    if (value !== undefined && value > 0) return value;
    throw new Error(`--warn-at is "${text}"; write shares such as 50%,80%.`);
  });

function largeOf(given: Given): Readonly<Record<string, number>> | undefined {
  const ofRequests = share('large-share', given['large-share']);
  const hourly = given['large-per-hour'];
  if (ofRequests === undefined && hourly === undefined) return undefined;
  if (hourly !== undefined && !/^\d+(\.\d+)?$/.test(hourly))
    throw new Error(`--large-per-hour is "${hourly}"; write US dollars, such as 1.5.`);
  return {
    ...(ofRequests === undefined ? {} : { share: ofRequests }),
    ...(hourly === undefined ? {} : { usdPerHour: Number(hourly) }),
  };
}
