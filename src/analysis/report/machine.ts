/** Fixed cost of the small model's machine: idle power and depreciation. */
import { J_PER_KWH } from '../../lib/units.ts';
import type { Range } from '../../core/figures.ts';
import { ZERO } from '../../figures/range.ts';

export interface MachineSettings {
  /** Measured by the operator; from the configuration. */
  readonly idleWatts?: number;
  readonly priceUsdPerKwh: number;
  readonly hardwareUsd?: number;
  readonly hardwareYears: number;
}

export interface Machine {
  readonly idleWatts: number;
  readonly idleSource: string;
  readonly idleJ: Range;
  /** Nano-USD of the idle electricity. */
  readonly idleNanoUsd: number;
  /** Nano-USD of depreciation in this period; null = no price is configured. */
  readonly hardwareNanoUsd: number | null;
  /** `idleNanoUsd` and `hardwareNanoUsd`. */
  readonly fixedNanoUsd: Range;
}

/**
 * CodeCarbon assumes 85 W for an unknown processor and a tenth of it when idle. Board, memory, disks and
 * graphics are not included: a whole machine draws more.
 */
const UNKNOWN_IDLE_WATTS = 8.5;

const NANO = 1e9;
const YEAR_MS = 365 * 86_400_000;

/** Assumes that the machine is on for the whole span; all zero if no model ran on it. */
export function machineOf(settings: MachineSettings, spanMs: number, isUsed: boolean): Machine {
  if (!isUsed) return UNUSED;
  const { idleWatts = UNKNOWN_IDLE_WATTS, priceUsdPerKwh, hardwareUsd, hardwareYears } = settings;
  const joules = (idleWatts * spanMs) / 1000;
  const idleNanoUsd = Math.round((joules / J_PER_KWH) * priceUsdPerKwh * NANO);
  const hardwareNanoUsd =
    hardwareUsd === undefined
      ? null
      : Math.round((hardwareUsd * NANO * spanMs) / (hardwareYears * YEAR_MS));
  const fixed = idleNanoUsd + (hardwareNanoUsd ?? 0);
  return {
    idleWatts,
    idleSource: settings.idleWatts === undefined ? ASSUMED : 'configuration (energy.idleWatts)',
    idleJ: { low: joules, high: joules },
    idleNanoUsd,
    hardwareNanoUsd,
    fixedNanoUsd: { low: fixed, high: fixed },
  };
}

const ASSUMED =
  'modelled: only an idle processor of unknown make; measure the machine with a plug meter and set energy.idleWatts';

const UNUSED: Machine = {
  idleWatts: 0,
  idleSource: 'no model ran on this machine',
  idleJ: ZERO,
  idleNanoUsd: 0,
  hardwareNanoUsd: null,
  fixedNanoUsd: ZERO,
};
