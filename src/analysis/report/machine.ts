/** What the machine of the small model takes whether or not it is asked: idle power and depreciation. */
import { J_PER_KWH } from '../../lib/units.ts';
import { ZERO, type Range } from './range.ts';

export interface MachineSettings {
  /** Measured, as configured. */
  readonly idleWatts?: number;
  readonly priceUsdPerKwh: number;
  readonly hardwareUsd?: number;
  readonly hardwareYears: number;
}

export interface Machine {
  readonly idleWatts: number;
  readonly idleSource: string;
  readonly idleJ: Range;
  /** Nano-USD of that electricity. */
  readonly idleNanoUsd: number;
  /** Nano-USD of the machine's price that fall in this time; null = it has no price here. */
  readonly hardwareNanoUsd: number | null;
  /** Both. */
  readonly fixedNanoUsd: Range;
}

/**
 * CodeCarbon takes an unknown processor for 85 W and an idle one for a tenth of it. Without board, memory,
 * disks and graphics: a whole machine draws more.
 */
const UNKNOWN_IDLE_WATTS = 8.5;

const NANO = 1e9;
const YEAR_MS = 365 * 86_400_000;

/** On all the time from the first record on; nothing where no model ran on it. */
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
  'modelled: an idle processor of unknown make, and no more than that; a plug meter says what the machine draws, for energy.idleWatts';

const UNUSED: Machine = {
  idleWatts: 0,
  idleSource: 'no model ran on this machine',
  idleJ: ZERO,
  idleNanoUsd: 0,
  hardwareNanoUsd: null,
  fixedNanoUsd: ZERO,
};
