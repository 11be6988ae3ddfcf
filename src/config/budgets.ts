/** `budgets:` of the configuration: its shape, its checks, and what it means. */
import { z } from 'zod';
import { isZone } from '../lib/calendar.ts';
import type { Budget } from '../core/budget.ts';
import { isObject } from '../lib/json.ts';
import type { Problem } from '../lib/problems.ts';
import { suggestion } from '../lib/suggest.ts';
import type { YamlSource } from '../lib/yaml-source.ts';
import { valueAt } from '../lib/zod-problems.ts';

/** Above it a sum of nano-USD is no longer exact: 2^53 - 1. */
const MOST_USD = 9_000_000;

/** Nano-USD, if the amount has no more than nine decimals. */
const nanoUsd = (usd: number): number => Number(usd.toFixed(9).replace('.', ''));

const amount = z
  .number()
  .positive(
    'must be more than 0: without a budget leave it out, and to spend nothing let a policy keep requests local',
  )
  .max(MOST_USD)
  .refine((usd) => Number(usd.toFixed(9)) === usd, 'must have at most 9 decimals');

const name = z
  .string()
  .max(64)
  .regex(/^[\w.-]+$/, 'must be made of letters, digits, `-`, `_` and `.`');

const scope = z.union(
  [z.literal('gateway'), z.strictObject({ team: z.string() }), z.strictObject({ key: z.string() })],
  { error: 'must be `gateway`, `{ team: … }` or `{ key: … }`' },
);

const budget = z.strictObject({
  name,
  scope: scope.default('gateway'),
  usd: amount,
  per: z.enum(['day', 'week', 'month', 'all']),
  zone: z
    .string()
    .refine(isZone, 'must be the IANA name of a time zone, such as `Europe/Madrid`')
    .default('UTC'),
  unpriced: z.enum(['refuse', 'allow']).default('refuse'),
});

export const budgetsSchema = z.array(budget).default([]);

type RawBudget = z.output<typeof budget>;

export const budgetsOf = (raw: readonly RawBudget[]): readonly Budget[] =>
  raw.map(({ usd, scope: whose, ...rest }) => ({
    ...rest,
    scope: scopeOf(whose),
    limitNanoUsd: nanoUsd(usd),
  }));

function scopeOf(whose: RawBudget['scope']): Budget['scope'] {
  if (whose === 'gateway') return { kind: 'gateway' };
  if ('team' in whose) return { kind: 'team', name: whose.team };
  return { kind: 'key', name: whose.key };
}

/** Teams and keys that nobody has. */
export function budgetProblems(yaml: YamlSource): readonly Problem[] {
  const budgets = valueAt(yaml.value, ['budgets']);
  if (!Array.isArray(budgets)) return [];
  const keys = valueAt(yaml.value, ['auth', 'keys']);
  const known = Array.isArray(keys) ? keys.filter(isObject) : [];
  const names = { key: textsOf(known, (key) => key['name']), team: textsOf(known, teamIn) };
  return budgets.flatMap((each: unknown, index) => {
    const whose: unknown = isObject(each) ? each['scope'] : undefined;
    if (!isObject(whose)) return [];
    return (['key', 'team'] as const).flatMap((kind) => {
      const wanted = whose[kind];
      if (typeof wanted !== 'string' || names[kind].includes(wanted)) return [];
      const place = ['budgets', index, 'scope', kind];
      const has =
        kind === 'key' ? `no key is called \`${wanted}\`` : `no key is of the team \`${wanted}\``;
      return [yaml.problem(place, `${has}; ${suggestion(wanted, names[kind])}`)];
    });
  });
}

const teamIn = (key: Readonly<Record<string, unknown>>): unknown =>
  key['team'] ?? (isObject(key['labels']) ? key['labels']['team'] : undefined);

function textsOf(
  keys: readonly Readonly<Record<string, unknown>>[],
  pick: (key: Readonly<Record<string, unknown>>) => unknown,
): readonly string[] {
  return keys.map(pick).filter((text) => typeof text === 'string');
}
