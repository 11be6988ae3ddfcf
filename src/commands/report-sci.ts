/** `report --sci`: the Software Carbon Intensity of this installation, also as rows for Impact Framework. */
import { openGrid } from '../offline.ts';
import {
  sciCsv,
  sciReport,
  sciRows,
  type Bound,
  type Span,
  type LocalMachine,
} from '../analysis/sci.ts';
import type { Config } from '../config/config.ts';
import type { UsageRecord } from '../core/record.ts';
import { machineOf } from '../analysis/report/machine.ts';
import { duration } from './parse-options.ts';
import { eachRecord } from './report-records.ts';

interface SciOptions {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly records?: string | undefined;
  readonly csv?: boolean | undefined;
  readonly window: string;
  readonly bound: string;
}

/** @throws Error for a bound other than low or high */
export async function reportSci(config: Config, options: SciOptions): Promise<string> {
  const bound = boundOf(options.bound);
  const records: UsageRecord[] = [];
  const { sinceMs, untilMs } = options;
  await eachRecord(config, options, (record) => {
    if (record.atMs >= sinceMs && record.atMs < untilMs) records.push(slim(record));
  });
  // The machine's energy counts from the first record: what it drew before is not due to this gateway.
  const fromMs = records.reduce((first, { atMs }) => Math.min(first, atMs), untilMs);
  const span: Span = { fromMs, toMs: untilMs };
  const machine = await localMachineOf(config, span, records);
  if (options.csv !== true) {
    return `${JSON.stringify(sciReport(records, span, machine), null, 2)}\n`;
  }
  const windowMs = duration('window', options.window);
  return sciCsv(sciRows(records, { ...span, windowMs, bound }, machine));
}

function boundOf(text: string): Bound {
  if (text === 'low' || text === 'high') return text;
  throw new Error(`--bound is '${text}'. Write low or high.`);
}

/** Drops what the export does not read: many whole records would not fit into memory. */
function slim({ decision: _decision, situation: _situation, ...record }: UsageRecord): UsageRecord {
  return { ...record, readings: {} };
}

async function localMachineOf(
  config: Config,
  { fromMs, toMs }: Span,
  records: readonly UsageRecord[],
): Promise<LocalMachine> {
  const { embodiedKg, lifetimeYears, idleWatts, priceUsdPerKwh } = config.energy;
  const isUsed = records.some(({ attempts }) =>
    attempts.some(({ locality }) => locality === 'local'),
  );
  const settings = {
    priceUsdPerKwh,
    hardwareYears: lifetimeYears,
    ...(idleWatts === undefined ? {} : { idleWatts }),
  };
  const grid = await openGrid(config);
  return {
    idleJ: machineOf(settings, toMs - fromMs, isUsed).idleJ.low,
    grid: grid.here(),
    ...(embodiedKg === undefined ? {} : { hardware: { embodiedKg, lifetimeYears } }),
  };
}
