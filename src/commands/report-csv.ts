/** Formats a report as CSV: one figure a line, `section,item,unit,low,high`; empty = not known. */
import type { Report } from '../analysis/report.ts';
import type { Range } from '../core/figures.ts';
import type { Compared } from '../core/figures.ts';
import type { Spent } from '../core/figures.ts';
import { csvLine } from '../lib/csv.ts';

type CsvRow = readonly [section: string, item: string, unit: string, low: Cell, high: Cell];
type Cell = number | null;

export function reportAsCsv(report: Report): string {
  const rows = [
    ...periodRows(report),
    ...requestRows(report),
    ...spendingRows(report),
    ...savingRows(report),
    ...breakEvenRows(report),
  ];
  const lines = rows.map(csvLine);
  return ['section,item,unit,low,high', ...lines].join('\n');
}

const one = (section: string, item: string, unit: string, value: Cell): CsvRow => [
  section,
  item,
  unit,
  value,
  value,
];

const ranged = (section: string, item: string, unit: string, range: Range | null): CsvRow => [
  section,
  item,
  unit,
  range?.low ?? null,
  range?.high ?? null,
];

function periodRows({ period }: Report): readonly CsvRow[] {
  const { sinceMs, untilMs, firstMs, lastMs } = period;
  return [
    ['period', 'asked for', 'ms since epoch', sinceMs, untilMs],
    ['period', 'records', 'ms since epoch', firstMs, lastMs],
  ];
}

function requestRows({ requests }: Report): readonly CsvRow[] {
  const { total, outcomes, small, large, pinned, smallShare, degraded, shadows } = requests;
  const counts = { total, ...outcomes, small, large, pinned, degraded, shadows };
  return [
    ...Object.entries(counts).map(([item, count]) => one('requests', item, 'requests', count)),
    one('requests', 'served small', 'share', smallShare),
  ];
}

function spendingRows({ spending, machine }: Report): readonly CsvRow[] {
  const { total, purposes, upstreams, kinds, methods, carbon, water } = spending;
  return [
    ...spentRows('total', 'all', total),
    ...Object.entries(purposes).flatMap(([item, spent]) => spentRows('purpose', item, spent)),
    ...Object.entries(upstreams).flatMap(([item, spent]) => spentRows('upstream', item, spent)),
    ...Object.entries(kinds).map(([item, nano]) => one('kind', item, 'nano-USD', nano)),
    one('kind', 'idle_energy', 'nano-USD', machine.idleNanoUsd),
    one('kind', 'hardware', 'nano-USD', machine.hardwareNanoUsd),
    ...Object.entries(methods).map(([item, joules]) => ranged('energy', item, 'J', joules)),
    ranged('energy', 'idle', 'J', machine.idleJ),
    ranged('carbon', 'operational', 'g', carbon.attempts === 0 ? null : carbon),
    ranged('carbon', 'embodied', 'g', embodiedOf(carbon)),
    one('carbon', 'unknown', 'attempts', carbon.unknown),
    ranged('water', 'all', 'mL', water.attempts === 0 ? null : water),
    one('water', 'unknown', 'attempts', water.unknown),
  ];
}

const embodiedOf = ({ embodied }: Report['spending']['carbon']): Range | null =>
  embodied === undefined || embodied.attempts === 0 ? null : embodied;

const spentRows = (section: string, item: string, spent: Spent): readonly CsvRow[] => [
  one(section, item, 'attempts', spent.attempts),
  one(section, item, 'nano-USD', spent.nanoUsd),
  ranged(section, item, 'J', spent.joules),
  one(section, item, 'attempts unpriced', spent.unpriced),
  one(section, item, 'attempts unmetered', spent.unmetered),
];

function savingRows({ savings }: Report): readonly CsvRow[] {
  return [
    ...comparedRows('money', 'nano-USD', savings.money),
    ranged('savings', 'money after the machine', 'nano-USD', savings.moneyAfterMachine),
    ...comparedRows('energy', 'J', savings.energy),
    ranged('savings', 'energy after the machine', 'J', savings.energyAfterMachine),
  ];
}

const comparedRows = (what: string, unit: string, compared: Compared): readonly CsvRow[] => [
  one('savings', `${what} compared`, 'requests', compared.requests),
  one('savings', `${what} unknown`, 'requests', compared.unknown),
  ranged('savings', `${what} at the large model`, unit, compared.baseline),
  ranged('savings', `${what} spent`, unit, compared.spent),
  ranged('savings', `${what} saved`, unit, compared.saved),
];

function breakEvenRows({ claim }: Report): readonly CsvRow[] {
  const { share, shareWithIdle, month, breakEven } = claim;
  return [
    ranged('break-even', 'small of large', 'share', share),
    ranged('break-even', 'small of large with idle', 'share', shareWithIdle),
    ...Object.entries(month).map(([item, kwh]) => ranged('break-even', item, 'kWh a month', kwh)),
    ...Object.entries(breakEven).map(([item, { best, worst }]): CsvRow => [
      'break-even',
      `break-even ${item}`,
      'requests a month',
      best,
      worst,
    ]),
  ];
}
