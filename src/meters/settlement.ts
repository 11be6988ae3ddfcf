/** What was counted between two samples, settled among those that ran: `sharing.ts` says by which rule. */
import type { Joules, EnergyAttribution } from '../core/meter.ts';

export interface SettlementOptions {
  readonly method: 'measured' | 'modelled';
  readonly source: string;
  /** Undefined: the least that was ever drawn while nothing ran. */
  readonly idleWatts?: number;
  readonly maxWatts?: number;
}

/** Joules since the first sample. */
export interface SettlementReport {
  readonly totalJ: Joules;
  readonly chargedJ: Joules;
  readonly loadingJ: Joules;
  /** Total less charges less loading: what nobody was charged for. */
  readonly idleRemainderJ: Joules;
  /** The middle of that, made a counter: it never falls. */
  readonly idleJ: number;
  /** Of the floor, and above it while something runs; undefined = not seen yet. */
  readonly idleWatts?: number;
  readonly busyWatts?: Joules;
}

export interface Attempted {
  readonly u0: number;
  readonly startedMs: number;
  /** Of `crowds` at its start; NaN when it was not alone then. */
  readonly crowds: number;
  /** S at its start: known with the first sample after it. */
  base: Joules | undefined;
}

/** What a processor that nobody knows draws above idle at most: CodeCarbon's 85 W, less a tenth. */
const UNKNOWN_BUSY_WATTS = 76.5;
/** Too short an interval says little about what idle takes. */
const SHORTEST_IDLE_S = 0.2;
/** Busy seconds after which a power counts half as much for the next guess. */
const HALF_LIFE_S = 30;
/** A meter that said nothing for longer is not measuring. */
const SILENT_MS = 10_000;
/** An attempt that ran alone is measured where samples cover this much of its time. */
const SAMPLED_SHARE = 0.9;

/** What ran for less than this took nothing that could be told from noise. */
const SHORTEST_BUSY_S = 1e-4;

/**
 * What ran for a small part of an interval drew at most so many times its mean: the rest was somebody
 * else's, and idle as far as answers go.
 */
const MOST_OF_MEAN = 10;

const NOTHING: Joules = [0, 0];
const plus = (a: Joules, b: Joules): Joules => [a[0] + b[0], a[1] + b[1]];
const minus = (a: Joules, b: Joules): Joules => [a[0] - b[0], a[1] - b[1]];
const times = (a: Joules, factor: number): Joules => [a[0] * factor, a[1] * factor];

interface Ending {
  readonly u: number;
  readonly endedMs: number;
  readonly isAlone: boolean;
}

/** Seconds, as `sharing.ts` counts them. */
interface SharedTime {
  readonly u: number;
  readonly busy: number;
  readonly loaded: number;
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
  begun: Set<Attempted>;
  /** Of those that ended since the mark, however many: what they have of S until it, and of u since. */
  endedJ: Joules;
  endedShareS: number;
  endedCharge: Joules;
}

interface Powers {
  readonly busy: BusyPower;
  readonly floor: IdleFloor;
}

export function settlement(options: SettlementOptions): Settlement {
  const powers: Powers = { busy: busyPower(options), floor: idleFloor(options.idleWatts) };
  const book: Totals = {
    mark: undefined,
    s: NOTHING,
    total: NOTHING,
    loading: NOTHING,
    charged: NOTHING,
    idle: NOTHING,
    shownIdle: 0,
    begun: new Set(),
    endedJ: NOTHING,
    endedShareS: 0,
    endedCharge: NOTHING,
  };
  return {
    begin: (attempt) => void book.begun.add(attempt),
    charge: (attempt, ending) => {
      const charge = endOf(attempt, ending, book, powers);
      const energy = { lowJ: charge[0], highJ: charge[1] };
      const known = knowledge(attempt, ending, book.mark?.atMs, powers.busy);
      return {
        energy: { ...energy, ...provenance(options, known) },
        machineMs: (ending.u - attempt.u0) * 1000,
      };
    },
    settle: (counter, atMs, { u, busy, loaded }) => {
      const next = { counter, atMs, u, busy, loaded };
      settleUntil(next, book, powers);
      book.mark = next;
    },
    report: () => reportOf(book, powers),
  };
}

/** Takes an attempt off the book, and says what it is charged. */
function endOf(attempt: Attempted, { u }: Ending, book: Totals, { busy, floor }: Powers): Joules {
  const { base, u0 } = attempt;
  const isOlder = base !== undefined && book.mark !== undefined;
  const sofar = isOlder ? minus(book.s, base) : NOTHING;
  const shareS = u - (isOlder ? (book.mark?.u ?? u0) : u0);
  const charge = plus(sofar, times(busy.watts(floor.watts()), shareS));
  book.begun.delete(attempt);
  book.endedJ = plus(book.endedJ, sofar);
  book.endedShareS += shareS;
  book.endedCharge = plus(book.endedCharge, charge);
  book.charged = plus(book.charged, charge);
  return charge;
}

function settleUntil(next: Mark, book: Totals, { busy: power, floor }: Powers): void {
  const { mark = next, s } = book;
  const drawn = minus(next.counter, mark.counter);
  const seconds = (next.atMs - mark.atMs) / 1000;
  const busy = next.busy - mark.busy;
  if (busy === 0) floor.see(drawn[0], seconds);
  const ran = busy >= SHORTEST_BUSY_S;
  const most = busy * power.mostWatts(floor.watts());
  const span = { floorJ: floor.watts() * seconds, share: busy / seconds };
  const active = ran ? above(drawn, most, span) : NOTHING;
  const watts = ran ? times(active, 1 / busy) : NOTHING;
  if (ran) power.see(active, busy);
  for (const attempt of book.begun) {
    attempt.base = plus(s, times(watts, Math.max(0, attempt.u0 - mark.u)));
  }
  book.begun.clear();
  const settled = plus(book.endedJ, times(watts, book.endedShareS));
  book.idle = plus(book.idle, minus(settled, book.endedCharge));
  book.endedJ = NOTHING;
  book.endedShareS = 0;
  book.endedCharge = NOTHING;
  book.total = plus(book.total, drawn);
  book.loading = plus(book.loading, times(watts, next.loaded - mark.loaded));
  book.idle = plus(book.idle, minus(drawn, times(watts, busy)));
  book.s = plus(s, times(watts, next.u - mark.u));
}

function reportOf(book: Totals, { busy, floor }: Powers): SettlementReport {
  book.shownIdle = Math.max(book.shownIdle, (book.idle[0] + book.idle[1]) / 2);
  return {
    totalJ: book.total,
    chargedJ: book.charged,
    loadingJ: book.loading,
    idleRemainderJ: book.idle,
    idleJ: book.shownIdle,
    ...(floor.isKnown() ? { idleWatts: floor.watts() } : {}),
    ...(busy.isKnown() ? { busyWatts: busy.watts(floor.watts()) } : {}),
  };
}

/** What was drawn above the floor, and could have been by what ran for so short a time. */
function above(
  drawn: Joules,
  mostJ: number,
  { floorJ, share }: { readonly floorJ: number; readonly share: number },
): Joules {
  const active = (joules: number): number =>
    Math.max(0, joules - floorJ) * Math.min(1, MOST_OF_MEAN * share);
  return [Math.min(mostJ, active(drawn[0])), Math.min(mostJ, active(drawn[1]))];
}

interface Known {
  readonly isMeasured: boolean;
  readonly isUnseen: boolean;
  readonly isSilent: boolean;
}

function knowledge(
  { startedMs }: Attempted,
  { endedMs, isAlone }: Ending,
  sampledMs: number | undefined,
  busy: BusyPower,
): Known {
  const sampled = (sampledMs ?? startedMs) - startedMs;
  return {
    isMeasured: isAlone && sampled >= SAMPLED_SHARE * (endedMs - startedMs),
    isUnseen: !busy.isKnown(),
    isSilent: endedMs - (sampledMs ?? -Infinity) > SILENT_MS,
  };
}

function provenance(
  { method, source }: SettlementOptions,
  { isMeasured, isUnseen, isSilent }: Known,
): Pick<EnergyAttribution['energy'], 'method' | 'source'> {
  if (isUnseen) return { method: 'modelled', source: `${source}; power not seen yet, assumed` };
  if (isSilent) return { method: 'modelled', source: `${source}; silent, its last power` };
  if (method === 'modelled') return { method, source: `${source}, above idle, shared by time` };
  return isMeasured
    ? { method: 'measured', source: `${source}, above idle, alone` }
    : { method: 'attributed', source: `${source}, above idle, shared by time` };
}

interface IdleFloor {
  see(joules: number, seconds: number): void;
  watts(): number;
  isKnown(): boolean;
}

/** As configured, else the least that was drawn in any interval in which nothing ran. */
function idleFloor(configured: number | undefined): IdleFloor {
  let least = configured ?? Infinity;
  return {
    see: (joules, seconds) => {
      if (configured === undefined && seconds >= SHORTEST_IDLE_S) {
        least = Math.min(least, joules / seconds);
      }
    },
    watts: () => (least === Infinity ? 0 : least),
    isKnown: () => least !== Infinity,
  };
}

interface BusyPower {
  see(active: Joules, busySeconds: number): void;
  watts(floorWatts: number): Joules;
  mostWatts(floorWatts: number): number;
  isKnown(): boolean;
}

/** The mean power above idle of recent busy seconds: what an interval that is not over is charged with. */
function busyPower({ maxWatts }: SettlementOptions): BusyPower {
  let joules = NOTHING;
  let seconds = 0;
  const most = (floorWatts: number): number => (maxWatts ?? Infinity) - floorWatts;
  return {
    see: (active, busySeconds) => {
      const kept = 2 ** (-busySeconds / HALF_LIFE_S);
      joules = plus(times(joules, kept), active);
      seconds = seconds * kept + busySeconds;
    },
    watts: (floorWatts) => {
      if (seconds > 0) return times(joules, 1 / seconds);
      return [0, maxWatts === undefined ? UNKNOWN_BUSY_WATTS : Math.max(0, most(floorWatts))];
    },
    mostWatts: (floorWatts) => Math.max(0, most(floorWatts)),
    isKnown: () => seconds > 0,
  };
}
