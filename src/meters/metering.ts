/** Reads the chosen meters periodically, and attributes what they count to attempts. */
import type { AttemptMeter, Joules, Meter, OpenAttribution } from '../core/meter.ts';
import type { Target } from '../core/decision.ts';
import { chooseMeters, type MeterKind, type Tried } from './choose.ts';
import { realFiles } from './files.ts';
import { APPLE_COMMAND } from './apple.ts';
import { NVIDIA_COMMAND } from './nvidia.ts';
import type { MeterOptions, MeterSettings } from './opened.ts';
import { createSharing, type Sharing, type SharingReport } from './sharing.ts';

export interface MeteringOptions {
  readonly wanted: MeterKind | 'auto';
  readonly settings: MeterSettings;
  /** True if the meters cover this target: false for one on another machine. */
  readonly isMetered: (target: Target) => boolean;
  readonly nowMs: () => number;
  /** Replaces parts of this machine in tests. */
  readonly machine?: Partial<
    Pick<MeterOptions, 'files' | 'sysRoot' | 'procRoot' | 'platform' | 'commands'>
  >;
  /** Milliseconds between samples; 0 = only on `sample()`. */
  readonly everyMs?: number;
  /** How many processes of this gateway read the same meters, this one included. */
  readonly processes?: number;
}

interface MeteringReport extends SharingReport {
  readonly wanted: MeterKind | 'auto';
  readonly method: Meter['method'];
  readonly source: string;
  readonly tried: readonly Tried[];
  /** Why a meter cannot be read now. */
  readonly problem?: string;
}

export interface Metering extends AttemptMeter {
  /** See `Sharing.loading`. */
  loading(): () => void;
  /** See `Sharing.runElsewhere`. */
  runElsewhere(count: number): void;
  /** Reads every meter once. Never rejects: the report has the problem. */
  sample(): Promise<void>;
  report(): MeteringReport;
  close(): void;
}

/** RAPL wraps within minutes on large machines, and must be read more often than every 10 s. */
const EVERY_MS = 500;

/** @throws Error when the configured meter cannot be used */
export async function startMetering(options: MeteringOptions): Promise<Metering> {
  let sharing: Sharing | undefined;
  const busySeconds = (): number => sharing?.busySeconds() ?? 0;
  const { meters, tried } = await chooseMeters(options.wanted, meterOptions(options, busySeconds));
  const about = combined(meters, options.settings);
  const factors = factorsOf(meters);
  const { nowMs, processes = 1 } = options;
  const shared = createSharing({ nowMs, processes, ...about });
  sharing = shared;
  const life = new AbortController();
  let problem: string | undefined;
  let reading: Promise<void> | undefined;
  const read = async (): Promise<void> => {
    try {
      const counters = await Promise.all(meters.map((meter) => meter.read(life.signal)));
      if (!life.signal.aborted) shared.sample(sumOf(counters), options.nowMs());
      problem = undefined;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
  };
  const sample = async (): Promise<void> => {
    reading ??= read().finally(() => (reading = undefined));
    await reading;
  };
  await sample();
  const { everyMs = EVERY_MS } = options;
  const timer = everyMs > 0 ? setInterval(() => void sample(), everyMs).unref() : undefined;
  return {
    start: (target) => (options.isMetered(target) ? widened(shared.start(), factors) : undefined),
    loading: () => shared.loading(),
    runElsewhere: (count) => shared.runElsewhere(count),
    sample,
    report: () => ({
      wanted: options.wanted,
      method: about.method,
      source: about.source,
      tried,
      ...(problem === undefined ? {} : { problem }),
      ...widenedReport(shared.report(), factors),
    }),
    close: () => {
      clearInterval(timer);
      life.abort();
      for (const meter of meters) meter.close();
    },
  };
}

function meterOptions(options: MeteringOptions, busySeconds: () => number): MeterOptions {
  return {
    files: realFiles,
    sysRoot: '/sys',
    procRoot: '/proc',
    platform: process.platform,
    commands: { nvidia: NVIDIA_COMMAND, apple: APPLE_COMMAND },
    ...options.machine,
    nowMs: options.nowMs,
    settings: options.settings,
    busySeconds,
  };
}

/** A sum is only as reliable as its least reliable part. */
function combined(
  meters: readonly Meter[],
  { idleWatts }: MeterSettings,
): { method: Meter['method']; source: string; idleWatts?: number; maxWatts?: number } {
  const idle = idleWatts ?? sumIfKnown(meters.map((meter) => meter.idleWatts));
  const max = sumIfKnown(meters.map((meter) => meter.maxWatts));
  return {
    method: meters.every(({ method }) => method === 'measured') ? 'measured' : 'modelled',
    source: meters.map(({ source }) => source).join(' + '),
    ...(idle === undefined ? {} : { idleWatts: idle }),
    ...(max === undefined ? {} : { maxWatts: max }),
  };
}

const sumIfKnown = (values: readonly (number | undefined)[]): number | undefined =>
  values.reduce<number | undefined>(
    (sum, each) => (sum === undefined || each === undefined ? undefined : sum + each),
    0,
  );

type Factors = readonly [low: number, high: number];

/** The widest of all ranges: a sum cannot be more precise. */
const factorsOf = (meters: readonly Meter[]): Factors => [
  Math.min(1, ...meters.map(({ factors }) => factors?.[0] ?? 1)),
  Math.max(1, ...meters.map(({ factors }) => factors?.[1] ?? 1)),
];

const wide = ([low, high]: Joules, factors: Factors): Joules => [
  low * factors[0],
  high * factors[1],
];

function widened(attribution: OpenAttribution, factors: Factors): OpenAttribution {
  return {
    end: () => {
      const { energy, machineMs } = attribution.end();
      const [lowJ, highJ] = wide([energy.lowJ, energy.highJ], factors);
      return { energy: { ...energy, lowJ, highJ }, machineMs };
    },
  };
}

/** Widens every range alike, so that charges, loading and idle still add up to the total. */
const widenedReport = (report: SharingReport, factors: Factors): SharingReport => ({
  ...report,
  totalJ: wide(report.totalJ, factors),
  chargedJ: wide(report.chargedJ, factors),
  loadingJ: wide(report.loadingJ, factors),
  idleRemainderJ: wide(report.idleRemainderJ, factors),
});

const sumOf = (counters: readonly Joules[]): Joules => [
  counters.reduce((sum, [low]) => sum + low, 0),
  counters.reduce((sum, [, high]) => sum + high, 0),
];
