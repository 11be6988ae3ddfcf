/** An installation's requests, money, energy and savings, summed over its records in any order. */
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
    /** Nano-USD saved, less the machine's fixed cost. */
    readonly moneyAfterMachine: Range;
    /** Joules saved, less the machine's idle energy. */
    readonly energyAfterMachine: Range;
  };
  /** Break-even. The name is kept for programs that read `report --json`. */
  readonly claim: BreakEvenReport;
}

interface Period {
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Of the first and the last record; null without records. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** From the first record to `untilMs`: the base of monthly figures and of the machine's fixed cost. */
  readonly spanMs: number;
}

interface Requests {
  readonly total: number;
  readonly outcomes: Readonly<Record<UsageRecord['outcome'], number>>;
  /** Answered requests by tier; `pinned` = the caller chose the model. */
  readonly small: number;
  readonly large: number;
  readonly pinned: number;
  /** Share of `small + large`; null if that is 0. */
  readonly smallShare: number | null;
  readonly degraded: number;
  /** Shadow records, which are not requests. */
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
