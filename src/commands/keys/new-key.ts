/** Reads what `keys create` was given into what the store takes. */
import { limitOf } from '../budgets/new-budget.ts';
import { duration, wholeNumber } from '../parse-options.ts';
import { own } from '../../lib/own.ts';

export interface Given {
  readonly name: string;
  readonly role?: string | undefined;
  readonly team?: string | undefined;
  readonly label?: string | undefined;
  readonly models?: string | undefined;
  readonly upstreams?: string | undefined;
  readonly routes?: string | undefined;
  readonly limit?: string | undefined;
  readonly expires?: string | undefined;
  readonly residency?: string | undefined;
  readonly policy?: string | undefined;
  readonly override?: boolean | undefined;
  readonly account?: boolean | undefined;
  readonly share?: boolean | undefined;
  readonly budget?: string | undefined;
}

/** @throws Error naming the option that is wrong */
export function newKeyOf(given: Given, nowMs: number): Readonly<Record<string, unknown>> {
  const { name, role, team, residency, policy, override, account, share } = given;
  const all = {
    name,
    role,
    team,
    residency,
    policy,
    labels: given.label && Object.fromEntries(pairs('label', given.label)),
    models: list(given.models),
    upstreams: list(given.upstreams),
    routes: list(given.routes),
    limits: given.limit && rateLimitsOf(given.limit),
    mayOverride: override === false ? false : undefined,
    account: account === true ? true : undefined,
    share: share === true ? 'team' : undefined,
    budget: given.budget && limitOf('--budget', given.budget),
    expiresMs: given.expires && expiryOf(given.expires, nowMs),
  };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined && value !== ''),
  );
}

const list = (text: string | undefined): readonly string[] | undefined =>
  text
    ?.split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

function pairs(option: string, text: string): readonly (readonly [string, string])[] {
  return (list(text) ?? []).map((pair) => {
    const [, name, value] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
    if (name !== undefined && value !== undefined) return [name, value];
    throw new Error(`--${option} is "${pair}"; write name=value, more of them with commas.`);
  });
}

const LIMITS: Readonly<Record<string, string>> = {
  rpm: 'requestsPerMinute',
  tpm: 'tokensPerMinute',
  concurrent: 'concurrent',
};

function rateLimitsOf(text: string): Readonly<Record<string, number>> {
  const limits = pairs('limit', text).map(([name, value]) => {
    const member = own(LIMITS, name);
    if (member === undefined)
      throw new Error(`--limit knows no "${name}"; write ${Object.keys(LIMITS).join('=, ')}=.`);
    const number = wholeNumber(`limit ${name}`, value);
    if (number === 0)
      throw new Error(`--limit ${name}=0 lets nothing through: revoke the key instead.`);
    return [member, number];
  });
  return Object.fromEntries(limits);
}

/** `90d`, or a day: `2027-01-31`, until its first moment in UTC. */
function expiryOf(text: string, nowMs: number): number {
  if (/^\d+(?:\.\d+)?[mhdw]$/.test(text)) return nowMs + duration('expires', text);
  const atMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(atMs)) return atMs;
  throw new Error(`--expires is "${text}"; write 90d, or a day such as 2027-01-31.`);
}
