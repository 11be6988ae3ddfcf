/** Counts a record: what it adds to the figures of the cells that it belongs to. The only place where figures are made of records. */
import { NONE, type Dimension, type Kind } from '../core/dimensions.ts';
import type { Attempt } from '../core/record.ts';
import type { CountedRecord } from './counted.ts';
import type { Figures } from './figures.ts';
import type { Purpose } from '../core/figures.ts';
import { answerOf, purposesOf } from './purposes.ts';
import type { Range } from '../core/figures.ts';
import { isUnmetered, isUnpriced, joulesOf, minus, moneyOf, plus, ZERO } from './range.ts';

/** What the figures of a cell have in common. `purpose`: of its attempts; `none` without any. */
export type CellKey = Readonly<Record<Exclude<Dimension, 'kind'>, string>> & {
  readonly kind: Kind;
  readonly purpose: Purpose | typeof NONE;
};

/** The figures of a cell, made where there are none yet. */
export type FiguresOf = (key: CellKey) => Figures;

/** Where a record is counted. */
export interface Placed {
  /** The cell of the record itself. */
  readonly own: CellKey;
  /** Of each attempt; the same object where it is the record's own. */
  readonly attempts: readonly CellKey[];
}

/**
 * A request is counted once, in the cell of the attempt that answered or was the last; what it spent, in the cell of the attempt
 * that spent it.
 */
export function placedIn(record: CountedRecord): Placed {
  const purposes = purposesOf(record);
  const attempts = record.attempts.map((attempt, at) => keyOf(record, attempt, purposes[at]!));
  const isShadow = record.shadowOf !== undefined;
  const at = record.attempts.findLastIndex(({ shadow }) => isShadow || shadow !== true);
  const key = attempts[at] ?? keyOf(record, undefined, NONE);
  const kind = isShadow ? besideOf(record.attempts[at]) : 'request';
  return { own: key.kind === kind ? key : { ...key, kind }, attempts };
}

export function countRecord(
  record: CountedRecord,
  figuresOf: FiguresOf,
  { own: key, attempts }: Placed = placedIn(record),
): void {
  for (const [at, attempt] of record.attempts.entries())
    countAttempt(attempt, figuresOf(attempts[at]!));
  const own = figuresOf(key);
  countRequest(record, own);
  if (key.kind === 'request') countOutcome(key, own, record.times);
}

/** What was asked beside a request: to compare models, or one answer. */
const besideOf = (attempt: Attempt | undefined): Kind =>
  attempt?.kind === 'audit' ? 'audit' : 'shadow';

function countOutcome({ outcome, tier, purpose }: CellKey, into: Figures, times = 1): void {
  if (outcome === 'failed' || outcome === 'refused') into.add(outcome, times);
  if (outcome !== 'answered') return;
  into.add('answered');
  if (tier === 'small') into.add('answeredSmall');
  if (tier === 'large') into.add('answeredLarge');
  if (purpose === 'fallbacks') into.add('fallbacks');
}

function keyOf(
  record: CountedRecord,
  attempt: Attempt | undefined,
  purpose: CellKey['purpose'],
): CellKey {
  const { tier, upstream, model } = attempt ?? NOBODY;
  const kind = record.shadowOf === undefined ? kindOf(attempt) : besideOf(attempt);
  const { caller: key, outcome } = record;
  const rule = record.decision?.rule ?? NONE;
  return {
    tier,
    upstream,
    model,
    key,
    rule,
    domain: domainOf(record) ?? NONE,
    outcome,
    kind,
    purpose,
  };
}

const NOBODY = { tier: NONE, upstream: NONE, model: NONE };

/** A small answer failed its checks, and the large model was asked. */
export const isEscalated = ({ attempts }: CountedRecord): boolean =>
  attempts.some(({ kind }) => kind === 'draft');

/** The domain that the request was recognised to be of. */
export function domainOf({ readings }: CountedRecord): string | undefined {
  const domain = readings['domain'];
  return domain?.kind === 'score' ? domain.value : undefined;
}

function kindOf(attempt: Attempt | undefined): Kind {
  if (attempt?.shadow === true) return 'shadow';
  // The answer to a repair is the caller's.
  return attempt?.kind === undefined || attempt.kind === 'repair' ? 'request' : attempt.kind;
}

function countRequest(record: CountedRecord, into: Figures): void {
  const { atMs, latencyMs, ttftMs, egress } = record;
  into.add('requests', record.times);
  if (record.degraded !== undefined) into.add('degraded');
  if (isEscalated(record)) into.add('escalated');
  into.firstMs = Math.min(into.firstMs, atMs);
  into.lastMs = Math.max(into.lastMs, atMs);
  into.shortestMs = Math.min(into.shortestMs, latencyMs);
  into.longestMs = Math.max(into.longestMs, latencyMs);
  const nano = record.attempts.reduce((sum, { cost }) => sum + (cost?.totalNanoUsd ?? 0), 0);
  into.leastNanoUsd = Math.min(into.leastNanoUsd, nano);
  into.mostNanoUsd = Math.max(into.mostNanoUsd, nano);
  into.latency.add(latencyMs);
  if (ttftMs !== undefined) into.firstToken.add(ttftMs);
  into.add('localBytes', egress?.localBytes ?? 0);
  into.add('cloudBytes', egress?.cloudBytes ?? 0);
  compareMoney(record, into);
  compareEnergy(record, into);
}

function countAttempt(attempt: Attempt, into: Figures): void {
  const { cost, energy, usage, verdict } = attempt;
  into.add('attempts');
  if (attempt.outcome === 'failed') into.add('failedAttempts');
  if (attempt.locality === 'local') into.add('localAttempts');
  if (isUnpriced(attempt)) into.add('unpriced');
  if (isUnmetered(attempt)) into.add('unmetered');
  if (cost !== null) {
    into.add('nanoUsd', cost.totalNanoUsd);
    into.addRange('nanoUsd', moneyOf(attempt));
    for (const kind in cost.kinds) into.addCost(kind, cost.kinds[kind]!);
  }
  if (energy !== null) {
    into.add(energy.method);
    into.addRange(energy.method, joulesOf(energy));
  }
  if (verdict !== undefined) into.add(verdict.kind);
  if (usage === undefined) return;
  into.add('inputTokens', usage.inputTokens);
  into.add('cachedInputTokens', usage.cachedInputTokens);
  into.add('outputTokens', usage.outputTokens);
  into.add('reasoningTokens', usage.reasoningTokens);
  countFootprint(attempt, into);
}

function countFootprint({ carbon, water }: Attempt, into: Figures): void {
  if (carbon === undefined) into.add('carbonUnknown');
  else {
    into.add(`${carbon.method}Carbon`);
    const { lowG, highG } = carbon.operational;
    into.addRange(`${carbon.method}Carbon`, { low: lowG, high: highG });
    if (carbon.embodied !== null) {
      into.add('embodied');
      into.addRange('embodied', { low: carbon.embodied.lowG, high: carbon.embodied.highG });
    }
  }
  if (water === undefined) into.add('waterUnknown');
  else {
    into.add('water');
    into.addRange('water', { low: water.lowMl, high: water.highMl });
  }
}

/** Requests without an answer, and shadows, have a baseline of 0: what they spent is a cost of routing. */
const hasNoAnswer = ({ shadowOf, outcome }: CountedRecord): boolean =>
  shadowOf !== undefined || outcome === 'failed' || outcome === 'refused';

/**
 * Against sending everything to the large model: the same tokens at its price, less all spending, whatever its purpose. Where
 * either is not known the request is in neither.
 */
function compareMoney(record: CountedRecord, into: Figures): void {
  const baseline =
    record.shadowOf !== undefined
      ? 0
      : (record.baselineNanoUsd ?? (hasNoAnswer(record) ? 0 : undefined));
  if (baseline === undefined || record.attempts.some(isUnpriced)) {
    into.add('moneyUnknown');
    return;
  }
  into.add('moneyCompared');
  into.add('moneyBaseline', baseline);
  into.addRange(
    'moneySpent',
    record.attempts.reduce((sum, attempt) => plus(sum, moneyOf(attempt)), ZERO),
  );
}

function compareEnergy(record: CountedRecord, into: Figures): void {
  const baseline = energyBaseline(record);
  if (baseline === undefined || record.attempts.some(isUnmetered)) {
    into.add('energyUnknown');
    return;
  }
  const spent = record.attempts.reduce(
    (sum, { energy }) => (energy === null ? sum : plus(sum, joulesOf(energy))),
    ZERO,
  );
  const same = sameEnergy(record);
  into.add('energyCompared');
  into.addRange('energyBaseline', baseline);
  into.addRange('energySpent', spent);
  into.addRange('energySaved', minus(without(baseline, same), without(spent, same)));
}

function energyBaseline(record: CountedRecord): Range | undefined {
  if (record.shadowOf !== undefined) return ZERO;
  if (record.baselineEnergy !== undefined) return joulesOf(record.baselineEnergy);
  return hasNoAnswer(record) ? ZERO : undefined;
}

/** The large model's own answer is its baseline, so that their difference is exactly 0. */
function sameEnergy(record: CountedRecord): Range {
  const { baselineEnergy } = record;
  const energy = answerOf(record)?.energy;
  if (baselineEnergy === undefined || energy === undefined || energy === null) return ZERO;
  const isSame =
    energy.lowJ === baselineEnergy.lowJ &&
    energy.highJ === baselineEnergy.highJ &&
    energy.source === baselineEnergy.source;
  return isSame ? joulesOf(energy) : ZERO;
}

const without = (whole: Range, part: Range): Range => ({
  low: whole.low - part.low,
  high: whole.high - part.high,
});
