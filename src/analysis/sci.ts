/**
 * Software Carbon Intensity (Green Software Foundation, specification 1.1): SCI = (E I + M) per R, with
 * E all energy, that of reserved but idle hardware included; I the location-based intensity of the grid;
 * M the embodied carbon; R a request, or 1,000 tokens. Nothing is offset. The boundary is the machine
 * that answers locally and the modelled cloud servers; networks and callers' devices are outside.
 *
 * Pure functions of records; `rows` are what Impact Framework's `sci` plugin reads: `carbon` in grams,
 * `duration` in seconds, and the columns that may be the functional unit.
 */
import type { GridIntensity } from '../core/meter.ts';
import type { Attempt, Energy, UsageRecord } from '../core/record.ts';
import { J_PER_KWH } from '../lib/units.ts';
import { localEmbodiedG, type Hardware } from '../accounting/footprint.ts';

/** From, inclusive, to, exclusive, in milliseconds since the epoch. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The machine as it stood there: what it drew beside answers, and what it took to make it. */
export interface Standing {
  /** Drawn over all of the time, and charged to no answer. */
  readonly idleJ: number;
  readonly grid: GridIntensity;
  /** Undefined: what was used of it is not known, and says so. */
  readonly hardware?: Hardware;
}

/** A window, at one end of every range. The names are Impact Framework's. */
export interface SciRow {
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  /** Seconds. */
  readonly duration: number;
  /** kWh, idle included. */
  readonly energy: number;
  /** Grams of CO2 equivalent. */
  readonly 'carbon-operational': number;
  readonly 'carbon-embodied': number;
  readonly carbon: number;
  readonly requests: number;
  /** Input and output of the answers. */
  readonly tokens: number;
}

export type Bound = 'low' | 'high';

export interface SciReport {
  /** Grams a request and grams per 1,000 tokens; null where there was none. */
  readonly perRequestG: Readonly<Record<Bound, number>> | null;
  readonly per1000TokensG: Readonly<Record<Bound, number>> | null;
  readonly total: Readonly<Record<Bound, SciRow>>;
  /** Attempts by how their energy is known; `unknown` ones are missing from the carbon. */
  readonly attempts: Readonly<Record<Energy['method'] | 'unknown', number>>;
  /** Attempts whose energy is known, but not what their hardware took to make. */
  readonly withoutEmbodied: number;
  readonly boundary: string;
}

const BOUNDARY =
  'the machine that answers locally, idle power included, and the cloud servers as modelled; networks and devices are outside; average location-based intensity, nothing offset';

/** The whole span as one. */
export function sciReport(
  records: readonly UsageRecord[],
  span: Span,
  standing?: Standing,
): SciReport {
  const within = records.filter(({ atMs }) => atMs >= span.fromMs && atMs < span.toMs);
  const total = {
    low: sciRow(within, span, 'low', standing),
    high: sciRow(within, span, 'high', standing),
  };
  const per = (count: number): Record<Bound, number> | null =>
    count === 0 ? null : { low: total.low.carbon / count, high: total.high.carbon / count };
  const attempts = { measured: 0, attributed: 0, modelled: 0, unknown: 0 };
  let withoutEmbodied = 0;
  for (const attempt of within.flatMap((record) => record.attempts.filter(wasUsed))) {
    attempts[attempt.carbon === undefined ? 'unknown' : attempt.carbon.method] += 1;
    if (attempt.carbon?.embodied === null) withoutEmbodied += 1;
  }
  return {
    perRequestG: per(total.low.requests),
    per1000TokensG: per(total.low.tokens / 1000),
    total,
    attempts,
    withoutEmbodied: standing?.hardware === undefined ? withoutEmbodied : 0,
    boundary: BOUNDARY,
  };
}

/** An attempt that took nothing is not one whose carbon is missing. */
const wasUsed = ({ usage, energy }: Attempt): boolean => usage !== undefined || energy !== null;

/** Equal windows over a span, the last one cut short; idle energy in proportion to their length. */
export function sciRows(
  records: readonly UsageRecord[],
  span: Span & { readonly windowMs: number; readonly bound: Bound },
  standing?: Standing,
): readonly SciRow[] {
  const { fromMs, toMs, windowMs, bound } = span;
  if (!(windowMs > 0)) throw new RangeError(`a window must last, but takes ${windowMs} ms`);
  const windows = Array.from(
    { length: Math.max(0, Math.ceil((toMs - fromMs) / windowMs)) },
    (): UsageRecord[] => [],
  );
  for (const record of records) {
    if (record.atMs >= toMs) continue;
    windows[Math.floor((record.atMs - fromMs) / windowMs)]?.push(record);
  }
  return windows.map((within, index) => {
    const start = fromMs + index * windowMs;
    const one = { fromMs: start, toMs: Math.min(toMs, start + windowMs) };
    const share = (one.toMs - one.fromMs) / (toMs - fromMs);
    const part = standing && { ...standing, idleJ: standing.idleJ * share };
    return sciRow(within, one, bound, part);
  });
}

function sciRow(
  records: readonly UsageRecord[],
  { fromMs, toMs }: Span,
  bound: Bound,
  standing: Standing | undefined,
): SciRow {
  const { idleJ = 0, grid, hardware } = standing ?? {};
  const sum: Sum = {
    joules: idleJ,
    operationalG: (idleJ / J_PER_KWH) * (grid?.gramsPerKwh ?? 0),
    // A machine is reserved for all of the time, whatever part of it the answers had.
    embodiedG: hardware === undefined ? 0 : localEmbodiedG(toMs - fromMs, hardware),
  };
  for (const attempt of records.flatMap(({ attempts }) => attempts)) {
    const isOnStanding = attempt.locality === 'local' && hardware !== undefined;
    addAttempt(sum, attempt, bound, isOnStanding);
  }
  const asked = records.filter(({ shadowOf }) => shadowOf === undefined);
  return {
    timestamp: new Date(fromMs).toISOString(),
    duration: (toMs - fromMs) / 1000,
    energy: sum.joules / J_PER_KWH,
    'carbon-operational': sum.operationalG,
    'carbon-embodied': sum.embodiedG,
    carbon: sum.operationalG + sum.embodiedG,
    requests: asked.length,
    tokens: asked.reduce((tokens, record) => tokens + tokensOf(record), 0),
  };
}

interface Sum {
  joules: number;
  operationalG: number;
  embodiedG: number;
}

function addAttempt(
  sum: Sum,
  { energy, carbon }: Attempt,
  bound: Bound,
  isOnStanding: boolean,
): void {
  const isLow = bound === 'low';
  if (energy !== null) sum.joules += isLow ? energy.lowJ : energy.highJ;
  if (carbon === undefined) return;
  const { operational, embodied } = carbon;
  sum.operationalG += isLow ? operational.lowG : operational.highG;
  if (embodied !== null && !isOnStanding) sum.embodiedG += isLow ? embodied.lowG : embodied.highG;
}

/** Of the answer that the caller got: what was tried in vain is a cost, not a service. */
function tokensOf({ attempts }: UsageRecord): number {
  const usage = attempts.at(-1)?.usage;
  return usage === undefined ? 0 : usage.inputTokens + usage.outputTokens;
}

const COLUMNS = [
  'timestamp',
  'duration',
  'energy',
  'carbon-operational',
  'carbon-embodied',
  'carbon',
  'requests',
  'tokens',
] as const satisfies readonly (keyof SciRow)[];

/** RFC 4180 without quotes, which no cell needs; ends with a line break. */
export function sciCsv(rows: readonly SciRow[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => row[column]).join(','));
  return [COLUMNS.join(','), ...lines, ''].join('\r\n');
}
