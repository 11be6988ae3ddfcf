/** An installation's requests, money, energy and savings, from its records: one at a time, in any order. */
import type { UsageRecord } from '../core/record.ts';
import { breakEvenOf, type BreakEvenReport } from './report/break-even.ts';
import { machineOf, type Machine, type MachineSettings } from './report/machine.ts';
import { answerOf } from './report/purposes.ts';
import { minus, type Range } from './report/range.ts';
import { savingsTally, type Savings } from './report/savings.ts';
import { spendingTally, type Spending } from './report/spending.ts';

export interface Report {
  readonly period: Period;
  readonly requests: Requests;
  readonly spending: Spending;
  readonly machine: Machine;
  readonly savings: Savings & {
    /** Nano-USD saved, less what the machine takes whether or not it is asked. */
    readonly moneyAfterMachine: Range;
    /** Joules saved, less what it draws while idle. */
    readonly energyAfterMachine: Range;
  };
  /** Break-even; named before it was called that, and kept for programs that read `report --json`. */
  readonly claim: BreakEvenReport;
}

interface Period {
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Of the first and the last record; null where there is none. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** From the first record to `untilMs`: what a month is worked out from, and how long the machine was on. */
  readonly spanMs: number;
}

interface Requests {
  readonly total: number;
  readonly outcomes: Readonly<Record<UsageRecord['outcome'], number>>;
  /** Of those answered; `pinned` to a model by their callers. */
  readonly small: number;
  readonly large: number;
  readonly pinned: number;
  /** Of those that had a tier; null where there is none. */
  readonly smallShare: number | null;
  readonly degraded: number;
  /** Shadows: no requests of anybody. */
  readonly shadows: number;
}

export interface ReportOptions {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly machine: MachineSettings;
}

export interface Reporter {
  add(record: UsageRecord): void;
  result(): Report;
}

export function reporter({ sinceMs, untilMs, machine: settings }: ReportOptions): Reporter {
  const requests = requestTally();
  const spending = spendingTally();
  const savings = savingsTally();
  const span = { firstMs: Infinity, lastMs: -Infinity };
  let hasLocal = false;
  return {
    add: (record) => {
      if (record.atMs < sinceMs || record.atMs >= untilMs) return;
      span.firstMs = Math.min(span.firstMs, record.atMs);
      span.lastMs = Math.max(span.lastMs, record.atMs);
      hasLocal ||= record.attempts.some(({ locality }) => locality === 'local');
      requests.add(record);
      spending.add(record);
      savings.add(record);
    },
    result: () => {
      const isEmpty = span.firstMs === Infinity;
      const spanMs = isEmpty ? 0 : untilMs - span.firstMs;
      const machine = machineOf(settings, spanMs, hasLocal);
      const saved = savings.result();
      return {
        period: {
          sinceMs,
          untilMs,
          firstMs: isEmpty ? null : span.firstMs,
          lastMs: isEmpty ? null : span.lastMs,
          spanMs,
        },
        requests: requests.result(),
        spending: spending.result(),
        machine,
        savings: {
          ...saved,
          moneyAfterMachine: minus(saved.money.saved, machine.fixedNanoUsd),
          energyAfterMachine: minus(saved.energy.saved, machine.idleJ),
        },
        claim: breakEvenOf(saved, machine, spanMs),
      };
    },
  };
}

function requestTally(): { add(record: UsageRecord): void; result(): Requests } {
  const outcomes = { answered: 0, failed: 0, refused: 0, aborted: 0 };
  const tiers = { small: 0, large: 0, pinned: 0 };
  let [shadows, degraded] = [0, 0];
  return {
    add: (record) => {
      if (record.shadowOf !== undefined) {
        shadows += 1;
        return;
      }
      outcomes[record.outcome] += 1;
      if (record.degraded !== undefined) degraded += 1;
      const answer = answerOf(record);
      if (answer !== undefined) tiers[answer.tier] += 1;
    },
    result: () => {
      const { answered, failed, refused, aborted } = outcomes;
      const all = tiers.small + tiers.large;
      return {
        total: answered + failed + refused + aborted,
        outcomes,
        ...tiers,
        smallShare: all === 0 ? null : tiers.small / all,
        degraded,
        shadows,
      };
    },
  };
}
