/**
 * Money and energy before and after: as recorded where the same target answers, computed from the
 * recorded tokens where another one would. Unknown values are counted, never taken for 0.
 */
import type { Accountant } from '../../core/accounting.ts';
import type { Target } from '../../core/decision.ts';
import type { Attempt, UsageRecord } from '../../core/record.ts';

/** Counts of the records with both sides known, and of the others. */
interface ComparedCounts {
  readonly comparable: number;
  readonly unknown: number;
  /** Of `unknown`, the requests that would get another target. */
  readonly unknownMoved: number;
}

interface CostComparison extends ComparedCounts {
  readonly beforeNanoUsd: number;
  readonly afterNanoUsd: number;
  /**
   * -0.1 = 10 % less; null if the cost before is 0 and the cost after is not, or if more than
   * `UNKNOWN_SHARE` of the moved requests have no known cost.
   */
  readonly changeShare: number | null;
}

interface EnergyComparison extends ComparedCounts {
  readonly before: { readonly lowJ: number; readonly highJ: number };
  readonly after: { readonly lowJ: number; readonly highJ: number };
}

export interface SpendingComparison {
  readonly cost: CostComparison;
  readonly energy: EnergyComparison;
  /** Local targets whose time, and therefore electricity, cannot be estimated. */
  readonly unseenTargets: readonly string[];
}

export interface SpendingComparer {
  /** `elsewhere`: the target that would answer instead; `refused`: none would. */
  add(record: UsageRecord, elsewhere?: Target | 'refused'): void;
  result(): SpendingComparison;
}

/** NaN = not known. */
interface MoneyAndEnergy {
  readonly nano: number;
  readonly lowJ: number;
  readonly highJ: number;
}

const NOTHING: MoneyAndEnergy = { nano: 0, lowJ: 0, highJ: 0 };
const UNKNOWN: MoneyAndEnergy = { nano: Number.NaN, lowJ: Number.NaN, highJ: Number.NaN };

/** `msPerToken`: assumed for local models without recorded answers. */
export function compareSpending(
  accountant: Pick<Accountant, 'price'>,
  msPerToken = Number.NaN,
): SpendingComparer {
  const speeds = recordedSpeeds(msPerToken);
  const moved = movedRequests();
  const sums = comparison();
  return {
    add: (record, elsewhere) => {
      for (const attempt of record.attempts) speeds.observe(attempt);
      const before = spentOn(record);
      if (elsewhere === undefined) sums.add(before, before, 'stays');
      else if (elsewhere === 'refused') sums.add(before, NOTHING, 'moves');
      else move(record, elsewhere, before);
    },
    result: () => {
      const unseen = new Set<string>();
      moved.each((target, tokens, before) => {
        const latencyMs = speeds.latencyMs(target, tokens.outputTokens);
        const after = priced(accountant, { target, tokens, latencyMs });
        if (target.locality === 'local' && Number.isNaN(after.nano)) unseen.add(name(target));
        sums.add(before, after, 'moves');
      });
      return { ...sums.result(), unseenTargets: [...unseen] };
    },
  };

  function move(record: UsageRecord, target: Target, before: MoneyAndEnergy): void {
    const recorded = record.attempts.find((one) => name(one) === name(target) && one.usage);
    if (recorded !== undefined) return sums.add(before, spentBy(recorded), 'moves');
    const usage = record.attempts.findLast((one) => one.usage)?.usage;
    if (usage === undefined) return sums.add(before, UNKNOWN, 'moves');
    const { inputTokens, outputTokens } = usage;
    moved.add(target, { inputTokens, outputTokens, atMs: record.atMs }, before);
  }
}

const name = ({ upstream, model }: Pick<Target, 'upstream' | 'model'>): string =>
  `${upstream}/${model}`;

/** Sums all attempts: failed ones cost money too. */
function spentOn({ attempts, outcome }: UsageRecord): MoneyAndEnergy {
  let [nano, lowJ, highJ] = [0, 0, 0];
  let hasUsage = false;
  for (const attempt of attempts) {
    if (attempt.usage === undefined) continue;
    hasUsage = true;
    const spent = spentBy(attempt);
    nano += spent.nano;
    lowJ += spent.lowJ;
    highJ += spent.highJ;
  }
  return hasUsage || outcome !== 'answered' ? { nano, lowJ, highJ } : UNKNOWN;
}

const spentBy = ({ cost, energy }: Pick<Attempt, 'cost' | 'energy'>): MoneyAndEnergy => ({
  nano: cost?.totalNanoUsd ?? Number.NaN,
  lowJ: energy?.lowJ ?? Number.NaN,
  highJ: energy?.highJ ?? Number.NaN,
});

interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly atMs: number;
}

interface PriceInput {
  readonly target: Target;
  readonly tokens: Tokens;
  /** NaN = not known; figures that depend on it are then not known either. */
  readonly latencyMs: number;
}

/** The cost of the same tokens at another target, with an empty prompt cache. */
function priced(
  accountant: Pick<Accountant, 'price'>,
  { target, tokens, latencyMs }: PriceInput,
): MoneyAndEnergy {
  const { inputTokens, outputTokens, atMs } = tokens;
  const usage = { inputTokens, outputTokens, cachedInputTokens: 0, reasoningTokens: 0 };
  const { cost, energy } = accountant.price({
    usage: { ...usage, source: 'counted' },
    target,
    answeredModel: undefined,
    latencyMs,
    atMs,
  });
  return spentBy({ cost, energy });
}

interface Speeds {
  observe(attempt: Attempt): void;
  /** The target's estimated time. Infinity for a cloud: latency caps its modelled energy, and must not here. */
  latencyMs(target: Target, outputTokens: number): number;
}

/** Milliseconds per output token, prompt included, of a target's recorded answers. */
function recordedSpeeds(assumedMsPerToken: number): Speeds {
  const seen = new Map<string, { ms: number; tokens: number }>();
  return {
    observe: (attempt) => {
      const tokens = attempt.usage?.outputTokens ?? 0;
      if (attempt.outcome !== 'ok' || attempt.locality !== 'local' || tokens === 0) return;
      const key = name(attempt);
      const sum = seen.get(key) ?? { ms: 0, tokens: 0 };
      sum.ms += attempt.latencyMs;
      sum.tokens += tokens;
      seen.set(key, sum);
    },
    latencyMs: (target, outputTokens) => {
      if (target.locality === 'cloud') return Infinity;
      const sum = seen.get(name(target));
      return (sum === undefined ? assumedMsPerToken : sum.ms / sum.tokens) * outputTokens;
    },
  };
}

interface Moved {
  add(target: Target, tokens: Tokens, before: MoneyAndEnergy): void;
  each(visit: (target: Target, tokens: Tokens, before: MoneyAndEnergy) => void): void;
}

const COLUMNS = 7;

/** One array of numbers, because there may be a million, and targets' speeds are known only at the end. */
function movedRequests(): Moved {
  const targets: Target[] = [];
  const places = new Map<string, number>();
  let rows = new Float64Array(1024 * COLUMNS);
  let length = 0;
  const placeOf = (target: Target): number => {
    const key = name(target);
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, targets.length);
    return targets.push(target) - 1;
  };
  return {
    add: (target, tokens, before) => {
      if (length + COLUMNS > rows.length) {
        const larger = new Float64Array(rows.length * 2);
        larger.set(rows);
        rows = larger;
      }
      rows[length] = placeOf(target);
      rows[length + 1] = tokens.inputTokens;
      rows[length + 2] = tokens.outputTokens;
      rows[length + 3] = tokens.atMs;
      rows[length + 4] = before.nano;
      rows[length + 5] = before.lowJ;
      rows[length + 6] = before.highJ;
      length += COLUMNS;
    },
    each: (visit) => {
      for (let at = 0; at < length; at += COLUMNS) {
        const [place, inputTokens, outputTokens, atMs, nano, lowJ, highJ] = rows.subarray(
          at,
          at + COLUMNS,
        );
        visit(
          targets[place!]!,
          { inputTokens: inputTokens!, outputTokens: outputTokens!, atMs: atMs! },
          { nano: nano!, lowJ: lowJ!, highJ: highJ! },
        );
      }
    },
  };
}

interface Comparison {
  add(before: MoneyAndEnergy, after: MoneyAndEnergy, fate: 'stays' | 'moves'): void;
  result(): Pick<SpendingComparison, 'cost' | 'energy'>;
}

/** Of the moved requests. */
const UNKNOWN_SHARE = 0.01;

function comparison(): Comparison {
  const [cost, low, high] = [sides(), sides(), sides()];
  let moved = 0;
  return {
    add: (before, after, fate) => {
      if (fate === 'moves') moved += 1;
      cost.add(before.nano, after.nano, fate);
      low.add(before.lowJ, after.lowJ, fate);
      high.add(before.highJ, after.highJ, fate);
    },
    result: () => {
      const { before, after, ...counted } = cost.result();
      const isUnknown = counted.unknownMoved > moved * UNKNOWN_SHARE;
      const [lows, highs] = [low.result(), high.result()];
      return {
        cost: {
          ...counted,
          beforeNanoUsd: Math.round(before),
          afterNanoUsd: Math.round(after),
          changeShare: isUnknown || counted.comparable === 0 ? null : changeOf(before, after),
        },
        energy: {
          comparable: lows.comparable,
          unknown: lows.unknown,
          unknownMoved: lows.unknownMoved,
          before: { lowJ: lows.before, highJ: highs.before },
          after: { lowJ: lows.after, highJ: highs.after },
        },
      };
    },
  };
}

interface Sides {
  add(before: number, after: number, fate: 'stays' | 'moves'): void;
  result(): ComparedCounts & { readonly before: number; readonly after: number };
}

/** Sums over the requests with both sides known. */
function sides(): Sides {
  const sum = { before: 0, after: 0, comparable: 0, unknown: 0, unknownMoved: 0 };
  return {
    add: (before, after, fate) => {
      if (Number.isNaN(before + after)) {
        sum.unknown += 1;
        if (fate === 'moves') sum.unknownMoved += 1;
        return;
      }
      sum.comparable += 1;
      sum.before += before;
      sum.after += after;
    },
    result: () => ({ ...sum }),
  };
}

function changeOf(before: number, after: number): number | null {
  if (before > 0) return after / before - 1;
  return after === 0 ? 0 : null;
}
