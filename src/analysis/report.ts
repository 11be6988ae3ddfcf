/** An installation's requests, money, energy and savings, summed over its records in any order. */
import type { UsageRecord } from '../core/record.ts';
import { Cells } from '../figures/cells.ts';
import type { Range } from '../core/figures.ts';
import { minus } from '../figures/range.ts';
import type { Requests, Savings, Spending, Totals } from '../core/figures.ts';
import { totalsOf } from '../figures/totals.ts';
import { answerTally, type AnswersReport, type JudgeOf } from './report/answers.ts';
import { breakEvenOf, type BreakEvenReport } from './report/break-even.ts';
import { machineOf, type Machine, type MachineSettings } from './report/machine.ts';

export interface Report {
  readonly period: Period;
  readonly requests: Requests;
  readonly spending: Spending;
  /** Checks and audits; absent where only sums are kept. */
  readonly answers?: AnswersReport;
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

export interface ReportOptions {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly machine: MachineSettings;
  /** What is known of the models that judge audits; none if not given. */
  readonly judgeOf?: JudgeOf;
}

export interface Reporter {
  add(record: UsageRecord): void;
  result(): Report;
}

export function reporter(options: ReportOptions): Reporter {
  const { sinceMs, untilMs, judgeOf = () => undefined } = options;
  const cells = new Cells();
  const answers = answerTally(judgeOf);
  return {
    add: (record) => {
      if (record.atMs < sinceMs || record.atMs >= untilMs) return;
      cells.add(record);
      answers.add(record);
    },
    result: () => ({ ...reportOf(totalsOf(cells), options), answers: answers.result() }),
  };
}

/** The same of figures that are already summed. */
export function reportOf(
  { requests, spending, savings, hasLocal, firstMs, lastMs }: Totals,
  { sinceMs, untilMs, machine: settings }: ReportOptions,
): Report {
  const spanMs = firstMs === null ? 0 : untilMs - firstMs;
  const machine = machineOf(settings, spanMs, hasLocal);
  return {
    period: { sinceMs, untilMs, firstMs, lastMs, spanMs },
    requests,
    spending,
    machine,
    savings: {
      ...savings,
      moneyAfterMachine: minus(savings.money.saved, machine.fixedNanoUsd),
      energyAfterMachine: minus(savings.energy.saved, machine.idleJ),
    },
    claim: breakEvenOf(savings, machine, spanMs),
  };
}
