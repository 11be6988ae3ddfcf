/** Spending by purpose, kind and upstream, and the attempts whose figures are not known. */
import type { Attempt, Energy, UsageRecord } from '../../core/record.ts';
import { purposesOf, PURPOSES, type Purpose } from './purposes.ts';
import { isUnmetered, isUnpriced, joulesOf, moneyOf, plus, ZERO, type Range } from './range.ts';

export interface Spent {
  readonly attempts: number;
  /** Integer nano-USD as booked, and its range due to the energy's. */
  readonly nanoUsd: number;
  readonly nanoUsdRange: Range;
  readonly joules: Range;
  /** Attempts that used tokens without a known price, or without known energy: not in the figures. */
  readonly unpriced: number;
  readonly unmetered: number;
}

export interface Spending {
  readonly total: Spent;
  readonly purposes: Readonly<Record<Purpose, Spent>>;
  readonly upstreams: Readonly<Record<string, Spent>>;
  /** Nano-USD by kind: `input`, `output`, `energy`, … */
  readonly kinds: Readonly<Record<string, number>>;
  /** Joules by method. */
  readonly methods: Readonly<
    Partial<Record<Energy['method'], Range & { readonly attempts: number }>>
  >;
  readonly carbon: Footprint;
  readonly water: Footprint;
}

/** Grams or millilitres of the attempts that have them; `embodied` is not part of the range. */
interface Footprint extends Range {
  readonly attempts: number;
  readonly unknown: number;
  readonly embodied?: Range & { readonly attempts: number };
}

export interface SpendingTally {
  add(record: UsageRecord): void;
  result(): Spending;
}

const NOTHING: Spent = {
  attempts: 0,
  nanoUsd: 0,
  nanoUsdRange: ZERO,
  joules: ZERO,
  unpriced: 0,
  unmetered: 0,
};

export function spendingTally(): SpendingTally {
  const purposes = new Map<Purpose, Spent>(PURPOSES.map((purpose) => [purpose, NOTHING]));
  const upstreams = new Map<string, Spent>();
  const kinds = new Map<string, number>();
  const methods = new Map<Energy['method'], Range & { readonly attempts: number }>();
  const footprint = footprintTally();
  let total = NOTHING;
  const addAttempt = (attempt: Attempt, purpose: Purpose): void => {
    total = withAttempt(total, attempt);
    purposes.set(purpose, withAttempt(purposes.get(purpose) ?? NOTHING, attempt));
    const { upstream, cost, energy } = attempt;
    upstreams.set(upstream, withAttempt(upstreams.get(upstream) ?? NOTHING, attempt));
    for (const [kind, nano] of Object.entries(cost?.kinds ?? {})) {
      kinds.set(kind, (kinds.get(kind) ?? 0) + nano);
    }
    if (energy !== null) {
      const before = methods.get(energy.method) ?? { ...ZERO, attempts: 0 };
      const attempts = before.attempts + 1;
      methods.set(energy.method, { ...plus(before, joulesOf(energy)), attempts });
    }
    footprint.add(attempt);
  };
  return {
    add: (record) => {
      const purpose = purposesOf(record);
      for (const [at, attempt] of record.attempts.entries()) addAttempt(attempt, purpose[at]!);
    },
    result: () => ({
      total,
      // The map has an entry for every purpose from the start.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      purposes: Object.fromEntries(purposes) as Record<Purpose, Spent>,
      upstreams: Object.fromEntries(upstreams),
      kinds: Object.fromEntries(kinds),
      methods: Object.fromEntries(methods),
      ...footprint.result(),
    }),
  };
}

function withAttempt(spent: Spent, attempt: Attempt): Spent {
  const { cost, energy } = attempt;
  return {
    attempts: spent.attempts + 1,
    nanoUsd: spent.nanoUsd + (cost?.totalNanoUsd ?? 0),
    nanoUsdRange: plus(spent.nanoUsdRange, moneyOf(attempt)),
    joules: energy === null ? spent.joules : plus(spent.joules, joulesOf(energy)),
    unpriced: spent.unpriced + (isUnpriced(attempt) ? 1 : 0),
    unmetered: spent.unmetered + (isUnmetered(attempt) ? 1 : 0),
  };
}

function footprintTally(): {
  add(attempt: Attempt): void;
  result(): Pick<Spending, 'carbon' | 'water'>;
} {
  let carbon = { ...ZERO, attempts: 0, unknown: 0 };
  let embodied = { ...ZERO, attempts: 0 };
  let water = { ...ZERO, attempts: 0, unknown: 0 };
  return {
    add: (attempt) => {
      if (attempt.usage === undefined) return;
      const { carbon: emitted, water: taken } = attempt;
      if (emitted === undefined) carbon = { ...carbon, unknown: carbon.unknown + 1 };
      else carbon = counted(carbon, gramsOf(emitted.operational));
      if (emitted !== undefined && emitted.embodied !== null) {
        embodied = counted(embodied, gramsOf(emitted.embodied));
      }
      if (taken === undefined) water = { ...water, unknown: water.unknown + 1 };
      else water = counted(water, { low: taken.lowMl, high: taken.highMl });
    },
    result: () => ({ carbon: { ...carbon, embodied }, water }),
  };
}

const counted = <T extends Range & { attempts: number }>(before: T, more: Range): T => ({
  ...before,
  ...plus(before, more),
  attempts: before.attempts + 1,
});

const gramsOf = ({ lowG, highG }: { lowG: number; highG: number }): Range => ({
  low: lowG,
  high: highG,
});
