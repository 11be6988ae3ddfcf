/** Settles the joules counted between two samples among the attempts that ran, by the rule in `sharing.ts`. */
import type { Joules, EnergyAttribution } from '../core/meter.ts';
import { Bag, type Bagged } from '../lib/bag.ts';
import {
  busyPower,
  idleFloor,
  minus,
  NOTHING,
  plus,
  times,
  type BusyPower,
  type IdleFloor,
} from './idle-and-busy.ts';

export interface SettlementOptions {
  readonly method: 'measured' | 'modelled';
  readonly source: string;
  /** Default: the lowest power ever seen while nothing ran. */
  readonly idleWatts?: number;
  readonly maxWatts?: number;
  /** How many processes of this gateway read the same meter, this one included. */
  readonly processes?: number;
}

/** Joules since the first sample: of several processes, this one's part. */
export interface SettlementReport {
  readonly totalJ: Joules;
  readonly chargedJ: Joules;
  readonly loadingJ: Joules;
  /** Total less charges less loading: charged to no attempt. */
  readonly idleRemainderJ: Joules;
  /** The middle of that range as a counter: it never decreases. */
  readonly idleJ: number;
  /** The idle floor, and the power above it while attempts run; undefined = not seen yet. */
  readonly idleWatts?: number;
  readonly busyWatts?: Joules;
}

export interface Attempted extends Bagged {
  readonly u0: number;
  readonly startedMs: number;
  /** Value of `overlapCount` at its start; NaN when other attempts ran then. */
  readonly overlapCount: number;
  /** S at its start: known with the first sample after it. */
  base: Joules | undefined;
}

/** A meter without samples for longer is not measuring. */
const SILENT_MS = 10_000;
/** An attempt that ran alone is measured where samples cover this much of its time. */
const SAMPLED_SHARE = 0.9;

/** The energy of a shorter run cannot be distinguished from noise. */
const SHORTEST_BUSY_S = 1e-4;

/**
 * Attempts that ran for a small part of an interval drew at most this multiple of its mean power: the rest
 * belongs to other programs, and counts as idle.
 */
const MAX_OF_MEAN = 10;

interface Ending {
  readonly u: number;
  readonly endedMs: number;
  readonly isAlone: boolean;
}

/** Seconds. */
export interface SharedTime {
  /** The integral of 1/n while nothing is loaded. */
  readonly u: number;
  /** The time in which any attempt ran, in any process. */
  readonly busy: number;
  /** The part of that in which a model was being loaded. */
  readonly loaded: number;
  /** The part of that which belongs to the attempts of other processes. */
  readonly theirs: number;
}

export interface Settlement {
  begin(attempt: Attempted): void;
  charge(attempt: Attempted, ending: Ending): EnergyAttribution;
  settle(counter: Joules, atMs: number, time: SharedTime): void;
  report(): SettlementReport;
}

interface Mark extends SharedTime {
  readonly counter: Joules;
  readonly atMs: number;
}

interface Totals {
  mark: Mark | undefined;
  /** S at the mark. */
  s: Joules;
  total: Joules;
  loading: Joules;
  charged: Joules;
  idle: Joules;
  shownIdle: number;
  /** Since the mark, and still running. */
  begun: Bag<Attempted>;
  /** Sums over the attempts that ended since the mark: their part of S until it, and of u since. */
  endedJ: Joules;
  endedShareS: number;
  endedCharge: Joules;
}

interface Powers {
  readonly busy: BusyPower;
  readonly floor: IdleFloor;
}

export function createSettlement(options: SettlementOptions): Settlement {
  const powers: Powers = { busy: busyPower(options), floor: idleFloor(options.idleWatts) };
  const totals: Totals = {
    mark: undefined,
    s: NOTHING,
    total: NOTHING,
    loading: NOTHING,
    charged: NOTHING,
    idle: NOTHING,
    shownIdle: 0,
    begun: new Bag(),
    endedJ: NOTHING,
    endedShareS: 0,
    endedCharge: NOTHING,
  };
  return {
    begin: (attempt) => totals.begun.add(attempt),
    charge: (attempt, ending) => {
      const charge = endOf(attempt, ending, totals, powers);
      const energy = { lowJ: charge[0], highJ: charge[1] };
      const quality = qualityOf(attempt, ending, totals.mark?.atMs, powers.busy);
      return {
        energy: { ...energy, ...provenance(options, quality) },
        machineMs: (ending.u - attempt.u0) * 1000,
      };
    },
    settle: (counter, atMs, { u, busy, loaded, theirs }) => {
      const next = { counter, atMs, u, busy, loaded, theirs };
      settleUntil(next, totals, powers, options.processes ?? 1);
      totals.mark = next;
    },
    report: () => reportOf(totals, powers),
  };
}

/** Removes an attempt, and returns its charge. */
function endOf(attempt: Attempted, { u }: Ending, totals: Totals, { busy, floor }: Powers): Joules {
  const { base, u0 } = attempt;
  const isOlder = base !== undefined && totals.mark !== undefined;
  const settledJ = isOlder ? minus(totals.s, base) : NOTHING;
  const shareS = u - (isOlder ? (totals.mark?.u ?? u0) : u0);
  const charge = plus(settledJ, times(busy.watts(floor.watts()), shareS));
  totals.begun.delete(attempt);
  totals.endedJ = plus(totals.endedJ, settledJ);
  totals.endedShareS += shareS;
  totals.endedCharge = plus(totals.endedCharge, charge);
  totals.charged = plus(totals.charged, charge);
  return charge;
}

function settleUntil(
  next: Mark,
  totals: Totals,
  { busy: power, floor }: Powers,
  processes: number,
): void {
  const { mark = next, s } = totals;
  const drawn = minus(next.counter, mark.counter);
  const seconds = (next.atMs - mark.atMs) / 1000;
  const busy = next.busy - mark.busy;
  if (busy === 0) floor.observe(drawn[0], seconds);
  const ran = busy >= SHORTEST_BUSY_S;
  const maxJ = busy * power.maxWatts(floor.watts());
  const span = { floorJ: floor.watts() * seconds, share: busy / seconds };
  const active = ran ? activeJoules(drawn, maxJ, span) : NOTHING;
  const watts = ran ? times(active, 1 / busy) : NOTHING;
  if (ran) power.observe(active, busy);
  for (const attempt of totals.begun.items()) {
    attempt.base = plus(s, times(watts, Math.max(0, attempt.u0 - mark.u)));
  }
  totals.begun.clear();
  const settled = plus(totals.endedJ, times(watts, totals.endedShareS));
  totals.idle = plus(totals.idle, minus(settled, totals.endedCharge));
  totals.endedJ = NOTHING;
  totals.endedShareS = 0;
  totals.endedCharge = NOTHING;
  const rest = minus(drawn, times(watts, busy));
  const theirs = plus(times(watts, next.theirs - mark.theirs), times(rest, 1 - 1 / processes));
  totals.total = plus(totals.total, minus(drawn, theirs));
  totals.loading = plus(totals.loading, times(watts, next.loaded - mark.loaded));
  totals.idle = plus(totals.idle, times(rest, 1 / processes));
  totals.s = plus(s, times(watts, next.u - mark.u));
}

function reportOf(totals: Totals, { busy, floor }: Powers): SettlementReport {
  totals.shownIdle = Math.max(totals.shownIdle, (totals.idle[0] + totals.idle[1]) / 2);
  return {
    totalJ: totals.total,
    chargedJ: totals.charged,
    loadingJ: totals.loading,
    idleRemainderJ: totals.idle,
    idleJ: totals.shownIdle,
    ...(floor.isKnown() ? { idleWatts: floor.watts() } : {}),
    ...(busy.isKnown() ? { busyWatts: busy.watts(floor.watts()) } : {}),
  };
}

/** The energy above the floor, limited to what attempts can have drawn in their time. */
function activeJoules(
  drawn: Joules,
  maxJ: number,
  { floorJ, share }: { readonly floorJ: number; readonly share: number },
): Joules {
  const active = (joules: number): number =>
    Math.max(0, joules - floorJ) * Math.min(1, MAX_OF_MEAN * share);
  return [Math.min(maxJ, active(drawn[0])), Math.min(maxJ, active(drawn[1]))];
}

interface ChargeQuality {
  readonly isMeasured: boolean;
  readonly isUnseen: boolean;
  readonly isSilent: boolean;
}

function qualityOf(
  { startedMs }: Attempted,
  { endedMs, isAlone }: Ending,
  sampledMs: number | undefined,
  busy: BusyPower,
): ChargeQuality {
  const sampled = (sampledMs ?? startedMs) - startedMs;
  return {
    isMeasured: isAlone && sampled >= SAMPLED_SHARE * (endedMs - startedMs),
    isUnseen: !busy.isKnown(),
    isSilent: endedMs - (sampledMs ?? -Infinity) > SILENT_MS,
  };
}

function provenance(
  { method, source }: SettlementOptions,
  { isMeasured, isUnseen, isSilent }: ChargeQuality,
): Pick<EnergyAttribution['energy'], 'method' | 'source'> {
  if (isUnseen) return { method: 'modelled', source: `${source}; power not seen yet, assumed` };
  if (isSilent) return { method: 'modelled', source: `${source}; silent, its last power` };
  if (method === 'modelled') return { method, source: `${source}, above idle, shared by time` };
  return isMeasured
    ? { method: 'measured', source: `${source}, above idle, alone` }
    : { method: 'attributed', source: `${source}, above idle, shared by time` };
}
