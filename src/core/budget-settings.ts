/** What may be said of a budget, in the configuration, by `budgets set` and to `/admin/budgets`; and the port of those that are stored. */
import { z, type output } from 'zod';
import { isZone } from '../lib/calendar.ts';
import type { Budget, BudgetState, LargeCap } from './budget.ts';
import { keyName } from './key-name.ts';
import type { Act } from './policy-store.ts';

/** Above it a sum of nano-USD is no longer exact: 2^53 - 1. */
const MOST_USD = 9_000_000;

/** Nano-USD, if the amount has no more than nine decimals. */
const nanoUsd = (usd: number): number => Number(usd.toFixed(9).replace('.', ''));

const amount = z
  .number()
  .max(MOST_USD)
  .refine(
    (usd) => usd > 0,
    'must be more than 0: without a budget leave it out, and to spend nothing let a policy keep requests local',
  )
  .refine((usd) => Number(usd.toFixed(9)) === usd, 'must have at most 9 decimals');

const scope = z.union(
  [z.literal('gateway'), z.strictObject({ team: z.string() }), z.strictObject({ key: z.string() })],
  { error: 'must be `gateway`, `{ team: … }` or `{ key: … }`' },
);

const shareOfLimit = z
  .number()
  .gt(0, 'must be a share of the limit above 0, such as 0.8')
  .max(1, 'must be a share of the limit of at most 1, such as 0.8');

/** What a budget limits, wherever it is written. */
export const spendingLimit = {
  usd: amount,
  per: z.enum(['day', 'week', 'month', 'all']),
  zone: z
    .string()
    .refine(isZone, 'must be the IANA name of a time zone, such as `Europe/Madrid`')
    .default('UTC'),
} as const;

const largeCap = z
  .strictObject({
    share: z.exactOptional(
      z
        .number()
        .gt(0, 'must be above 0: a policy of its own keeps every request small')
        .lt(1, 'must be below 1: a share of 1 caps nothing'),
    ),
    usdPerHour: z.exactOptional(amount),
    onAnomaly: z.exactOptional(z.enum(['warn', 'clamp'])),
  })
  .refine(
    ({ share, usdPerHour }) => share !== undefined || usdPerHour !== undefined,
    'must have `share`, `usdPerHour` or both',
  );

export const budgetSettings = z
  .strictObject({
    name: keyName,
    scope: scope.default('gateway'),
    ...spendingLimit,
    unpriced: z.enum(['refuse', 'allow']).default('refuse'),
    warnAt: z.array(shareOfLimit).max(10).default([]),
    pace: z.boolean().default(false),
    large: z.exactOptional(largeCap),
  })
  .refine(({ pace, per }) => !pace || per !== 'all', {
    path: ['pace'],
    error: 'needs a period that ends: write `per: month`, `week` or `day`',
  });

/** As it is written: amounts in USD. */
export type BudgetSettings = z.output<typeof budgetSettings>;

export const budgetOf = ({ usd, scope: whose, large, pace, ...rest }: BudgetSettings): Budget => ({
  ...rest,
  scope: scopeOf(whose),
  limitNanoUsd: nanoUsd(usd),
  ...(pace ? { pace } : {}),
  ...(large === undefined ? {} : { large: capOf(large) }),
});

const capOf = ({ usdPerHour, ...rest }: output<typeof largeCap>): LargeCap => ({
  ...rest,
  ...(usdPerHour === undefined ? {} : { nanoUsdPerHour: nanoUsd(usdPerHour) }),
});

function scopeOf(whose: BudgetSettings['scope']): Budget['scope'] {
  if (whose === 'gateway') return { kind: 'gateway' };
  if ('team' in whose) return { kind: 'team', name: whose.team };
  return { kind: 'key', name: whose.key };
}

export interface StoredBudget {
  readonly settings: BudgetSettings;
  readonly setMs: number;
  readonly setBy: string;
}

export interface BudgetStore {
  /** Grows with every change, by whichever process. */
  version(): Promise<number>;
  /** By name. */
  list(): Promise<readonly StoredBudget[]>;
  /** Makes the budget, or puts it in place of the one of its name. */
  set(settings: BudgetSettings, act: Act): Promise<void>;
  /** @throws GatewayError `caller_not_found` */
  remove(name: string, act: Act): Promise<void>;
  /** True once for each account and share, whichever process asks: it is then for this one to say. */
  mayWarn(account: string, share: number, atMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/** A budget as it is shown, with how it stands. */
export interface ShownBudget extends BudgetSettings {
  readonly from: 'configuration' | 'store';
  readonly set?: { readonly atMs: number; readonly by: string };
  readonly spentUsd: number;
  /** Of requests under way in this process. */
  readonly reservedUsd: number;
  readonly leftUsd: number;
  /** When its period began, and when the next one does: milliseconds since the epoch; absent where it never begins anew. */
  readonly beganMs?: number;
  readonly resetsMs?: number;
}

/** What `budgets …` and `/admin/budgets` do. Whatever cannot be done throws a GatewayError in words. */
export interface BudgetAdmin {
  /** By name, those of the configuration too. */
  list(): Promise<readonly ShownBudget[]>;
  /** `given`: as `budgetSettings` has it, unchecked. */
  set(given: unknown, act: Act): Promise<ShownBudget>;
  remove(name: string, act: Act): Promise<void>;
}

/** The figures of a budget's period, for people. */
export function standingOf(
  state: BudgetState,
): Pick<ShownBudget, 'spentUsd' | 'reservedUsd' | 'leftUsd' | 'beganMs' | 'resetsMs'> {
  const { budget, spentNanoUsd, reservedNanoUsd, startMs, endMs } = state;
  const left = Math.max(0, budget.limitNanoUsd - spentNanoUsd - reservedNanoUsd);
  return {
    spentUsd: spentNanoUsd / 1e9,
    reservedUsd: reservedNanoUsd / 1e9,
    leftUsd: left / 1e9,
    ...(Number.isFinite(endMs) ? { beganMs: startMs, resetsMs: endMs } : {}),
  };
}
