/**
 * Software Carbon Intensity (Green Software Foundation, specification 1.1): SCI = (E I + M) per R, with
 * E all energy, including that of reserved but idle hardware; I the location-based intensity of the grid;
 * M the embodied carbon; R a request, or 1,000 tokens. Nothing is offset. The boundary is the machine
 * that answers locally and the modelled cloud servers; networks and callers' devices are outside.
 *
 * Pure functions of records. The rows are the input of Impact Framework's `sci` plugin: `carbon` in grams,
 * `duration` in seconds, and columns for the functional unit.
 */
import type { GridIntensity } from '../core/meter.ts';
import type { Attempt, Energy, UsageRecord } from '../core/record.ts';
import { J_PER_KWH } from '../lib/units.ts';
import { localEmbodiedG, type Hardware } from '../accounting/footprint.ts';

/** `fromMs` inclusive, `toMs` exclusive, in milliseconds since the epoch. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The local machine: energy not attributed to answers, and its embodied carbon. */
export interface LocalMachine {
  /** Idle energy over the whole span. */
  readonly idleJ: number;
  readonly grid: GridIntensity;
  /** Undefined: its embodied carbon is not known, and the report says so. */
  readonly hardware?: Hardware;
}

/** One window, at one bound of every range. The names are Impact Framework's. */
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
  /** Input and output tokens of the answers. */
  readonly tokens: number;
}

export type Bound = 'low' | 'high';

export interface SciReport {
  /** Grams per request and per 1,000 tokens; null without requests or tokens. */
  readonly perRequestG: Readonly<Record<Bound, number>> | null;
  readonly per1000TokensG: Readonly<Record<Bound, number>> | null;
  readonly total: Readonly<Record<Bound, SciRow>>;
  /** Attempts by the method of their energy; `unknown` ones are missing from the carbon. */
  readonly attempts: Readonly<Record<Energy['method'] | 'unknown', number>>;
  /** Attempts with known energy and unknown embodied carbon. */
  readonly withoutEmbodied: number;
  readonly boundary: string;
}

const BOUNDARY =
  'the machine that answers locally, idle power included, and the cloud servers as modelled; networks and devices are outside; average location-based intensity, nothing offset';

/** One figure for the whole span. */
export function sciReport(
  records: readonly UsageRecord[],
  span: Span,
  machine?: LocalMachine,
): SciReport {
  const within = records.filter(({ atMs }) => atMs >= span.fromMs && atMs < span.toMs);
  const total = {
    low: sciRow(within, span, 'low', machine),
    high: sciRow(within, span, 'high', machine),
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
    withoutEmbodied: machine?.hardware === undefined ? withoutEmbodied : 0,
    boundary: BOUNDARY,
  };
}

/** False for an attempt that used nothing: its carbon is not missing. */
const wasUsed = ({ usage, energy }: Attempt): boolean => usage !== undefined || energy !== null;

/**
 * Equal windows over a span, the last one may be shorter; idle energy in proportion to their length.
 * @throws RangeError where the windows have no length
 */
export function sciRows(
  records: readonly UsageRecord[],
  span: Span & { readonly windowMs: number; readonly bound: Bound },
  machine?: LocalMachine,
): readonly SciRow[] {
  const { fromMs, toMs, windowMs, bound } = span;
  if (!(windowMs > 0))
    throw new RangeError(`a window must be longer than 0 ms, not ${windowMs} ms`);
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
    const part = machine && { ...machine, idleJ: machine.idleJ * share };
    return sciRow(within, one, bound, part);
  });
}

function sciRow(
  records: readonly UsageRecord[],
  { fromMs, toMs }: Span,
  bound: Bound,
  machine: LocalMachine | undefined,
): SciRow {
  const { idleJ = 0, grid, hardware } = machine ?? {};
  const sum: Sum = {
    joules: idleJ,
    operationalG: (idleJ / J_PER_KWH) * (grid?.gramsPerKwh ?? 0),
    // The machine is reserved for the whole span, not only for the answers.
    embodiedG: hardware === undefined ? 0 : localEmbodiedG(toMs - fromMs, hardware),
  };
  for (const attempt of records.flatMap(({ attempts }) => attempts)) {
    const isOnMachine = attempt.locality === 'local' && hardware !== undefined;
    addAttempt(sum, attempt, bound, isOnMachine);
  }
  const requests = records.filter(({ shadowOf }) => shadowOf === undefined);
  return {
    timestamp: new Date(fromMs).toISOString(),
    duration: (toMs - fromMs) / 1000,
    energy: sum.joules / J_PER_KWH,
    'carbon-operational': sum.operationalG,
    'carbon-embodied': sum.embodiedG,
    carbon: sum.operationalG + sum.embodiedG,
    requests: requests.length,
    tokens: requests.reduce((tokens, record) => tokens + tokensOf(record), 0),
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
  isOnMachine: boolean,
): void {
  const isLow = bound === 'low';
  if (energy !== null) sum.joules += isLow ? energy.lowJ : energy.highJ;
  if (carbon === undefined) return;
  const { operational, embodied } = carbon;
  sum.operationalG += isLow ? operational.lowG : operational.highG;
  if (embodied !== null && !isOnMachine) sum.embodiedG += isLow ? embodied.lowG : embodied.highG;
}

/** Tokens of the caller's answer: failed attempts are a cost, not a service. */
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

/** RFC 4180; no cell needs quotes. Ends with a line break. */
export function sciCsv(rows: readonly SciRow[]): string {
  const lines = rows.map((row) => COLUMNS.map((column) => row[column]).join(','));
  return [COLUMNS.join(','), ...lines, ''].join('\r\n');
}
