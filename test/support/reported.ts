/** Reports on records made for a test, and the records. */
import { reporter, type Report } from '../../src/analysis/report.ts';
import type { Attempt, Energy, UsageRecord } from '../../src/core/record.ts';
import { anAttempt, aRecord } from './record.ts';

const DAY_MS = 86_400_000;
export const UNTIL_MS = 1_790_000_000_000 + 15 * DAY_MS;

export function reportOn(records: readonly UsageRecord[], machine: object = {}): Report {
  const reported = reporter({
    sinceMs: 0,
    untilMs: UNTIL_MS,
    machine: { priceUsdPerKwh: 0.36, hardwareYears: 3, ...machine },
  });
  for (const record of records) reported.add(record);
  return reported.result();
}

export const modelled = (lowJ: number, highJ: number, source = 'given'): Energy => ({
  lowJ,
  highJ,
  method: 'modelled',
  source,
});

export const large = (change: Partial<Attempt> = {}): Attempt =>
  anAttempt({
    tier: 'large',
    upstream: 'cloud',
    model: 'gpt-4o',
    locality: 'cloud',
    cost: { totalNanoUsd: 675_000, kinds: { input: 175_000, output: 500_000 }, source: 'list' },
    energy: modelled(300, 500, 'EcoLogits'),
    ...change,
  });

/** 40 J on average, booked as 4,000 nano-USD at 0.36 USD/kWh. */
export const small = (change: Partial<Attempt> = {}): Attempt =>
  anAttempt({
    cost: { totalNanoUsd: 4_000, kinds: { energy: 4_000 }, source: 'electricity' },
    energy: modelled(20, 60),
    ...change,
  });

export const answeredSmall = (change: Partial<UsageRecord> = {}): UsageRecord =>
  aRecord({ attempts: [small()], baselineEnergy: modelled(300, 500, 'EcoLogits'), ...change });
export const answeredLarge = (change: Partial<UsageRecord> = {}): UsageRecord =>
  aRecord({ attempts: [large()], baselineEnergy: large().energy!, ...change });
