/** Builds the machine's energy metering and its grid's carbon intensity from the configuration. */
import { performance } from 'node:perf_hooks';
import type { AccountOptions } from '../accounting/account.ts';
import type { GridPlaces } from '../accounting/energy-account.ts';
import { UNKNOWN_PROCESSOR } from '../accounting/local-energy.ts';
import type { Config } from '../config/config.ts';
import type { Target } from '../core/decision.ts';
import { kindOf, type UpstreamKind } from '../core/upstream-kind.ts';
import { liveGrid, loadYearlyGrid, yearlyOf } from '../meters/grid.ts';
import { startMetering, type Metering } from '../meters/metering.ts';
import { measuredElsewhere } from './model-catalogue.ts';

type Kinds = readonly UpstreamKind[];

const nowMs = (): number => performance.now();

export interface EnergyParts {
  readonly grid?: GridPlaces;
  readonly metering?: Metering;
}

/** @throws Error when the zone is not known */
export async function openGrid({ energy }: Config): Promise<GridPlaces> {
  const at = await loadYearlyGrid();
  const yearly = yearlyOf(at, energy.zone);
  const { zone, liveGridUrl: url } = energy;
  const here = url === undefined ? () => yearly : liveGrid({ url, yearly, nowMs });
  return { zone, here, at };
}

/** Power and grid data for the accountant. */
export function energyAccounts(
  config: Config,
  kinds: Kinds,
  grid: GridPlaces | undefined,
): Pick<
  AccountOptions,
  'priceUsdPerKwh' | 'localPower' | 'grid' | 'hardware' | 'measuredElsewhere'
> {
  const { embodiedKg, lifetimeYears, priceUsdPerKwh } = config.energy;
  return {
    priceUsdPerKwh,
    localPower: UNKNOWN_PROCESSOR,
    measuredElsewhere: measuredElsewhere(isMetered(config, kinds)),
    ...(grid === undefined ? {} : { grid }),
    ...(embodiedKg === undefined ? {} : { hardware: { embodiedKg, lifetimeYears } }),
  };
}

/** @throws Error when the configured meter is unavailable */
export async function openMetering(config: Config, kinds: Kinds, processes = 1): Promise<Metering> {
  return await startMetering({
    wanted: config.energy.meter,
    settings: config.energy,
    isMetered: isMetered(config, kinds),
    nowMs,
    processes,
  });
}

/** Only targets that run on this machine, or are configured to, are charged with its energy. */
function isMetered({ energy, upstreams }: Config, kinds: Kinds): (target: Target) => boolean {
  const configured = upstreams.kind === 'configured' ? upstreams.list : [];
  const elsewhere = new Set(
    configured
      .filter((one) => one.energy !== undefined || !kindOf(kinds, one).runsHere(one))
      .map(({ name }) => name),
  );
  const named = energy.upstreams === undefined ? undefined : new Set(energy.upstreams);
  return ({ locality, upstream }) =>
    locality === 'local' && (named === undefined ? !elsewhere.has(upstream) : named.has(upstream));
}

/** The metered upstreams: idle energy is attributed to them in equal parts. */
function meteredUpstreams(
  isCovered: (target: Target) => boolean,
  upstreams: readonly Placed[],
): readonly string[] {
  return [...upstreams]
    .filter(({ name, locality }) =>
      isCovered({ upstream: name, locality, model: '', tier: 'small' }),
    )
    .map(({ name }) => name);
}

type Placed = Pick<Target, 'locality'> & { readonly name: string };

/** Tells the meters what other processes have in flight on this machine. */
export function countElsewhere(
  config: Config,
  kinds: Kinds,
  found: readonly Placed[],
  metering: Pick<Metering, 'runElsewhere'> | undefined,
): (upstreams: ReadonlyMap<string, { readonly elsewhere: number }>) => void {
  const metered = meteredUpstreams(isMetered(config, kinds), found);
  return (upstreams) => {
    const counts = metered.map((name) => upstreams.get(name)?.elsewhere ?? 0);
    metering?.runElsewhere(counts.reduce((sum, count) => sum + count, 0));
  };
}

/** Joules by upstream, since the start: of several processes, this one's part. */
export interface MeterReadings {
  readonly idleEnergy?: () => Readonly<Record<string, number>>;
  readonly loadingEnergy?: () => Readonly<Record<string, number>>;
}

export function meterReadings(
  config: Config,
  kinds: Kinds,
  found: readonly Placed[],
  metering: Pick<Metering, 'report'> | undefined,
): MeterReadings {
  if (metering === undefined) return {};
  const { report } = metering;
  const upstreams = meteredUpstreams(isMetered(config, kinds), found);
  const each = (joules: number): Readonly<Record<string, number>> =>
    Object.fromEntries(upstreams.map((name) => [name, joules / upstreams.length]));
  return {
    idleEnergy: () => each(report().idleJ),
    loadingEnergy: () => {
      const [low, high] = report().loadingJ;
      return each((low + high) / 2);
    },
  };
}

/** A line for the start message. */
export function meterLine({ report }: Pick<Metering, 'report'>): string {
  const { method, source, tried } = report();
  const passed = tried
    .filter(({ used, kind }) => !used && kind === 'rapl')
    .map(({ why }) => `; not measured: ${why}`);
  return `energy    ${method}: ${source}${passed.join('')}`;
}
