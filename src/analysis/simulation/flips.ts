/** Flips: requests that get another target, grouped by the rules that decided before and decide now. */
import type { Decision } from '../../core/decision.ts';
import type { UsageRecord } from '../../core/record.ts';
import { placeOf } from './rejudge.ts';

/** A rule and the place that it chose: tier and target, or `refused`. */
export interface RuleAndPlace {
  readonly rule: string;
  readonly to: string;
}

export interface Flip {
  readonly from: RuleAndPlace;
  readonly to: RuleAndPlace;
  readonly count: number;
  /** Ids of a few requests. */
  readonly examples: readonly string[];
  /** The reason of the new decision for the first of them. */
  readonly because: string;
}

/** One request that gets another target. */
interface Moved {
  readonly id: string;
  readonly atMs: number;
  readonly from: RuleAndPlace;
  readonly to: RuleAndPlace;
  /** The reason of the new decision. */
  readonly because: string;
}

/** One rule's requests before and after. */
interface RuleCounts {
  readonly rule: string;
  readonly before: number;
  readonly after: number;
  /** Of these, those sent to the small tier. */
  readonly smallBefore: number;
  readonly smallAfter: number;
  /** Of `before`, those that moved away; of `after`, those that moved here. */
  readonly movedAway: number;
  readonly movedHere: number;
}

interface Decided {
  readonly was: Decision;
  readonly now: Decision;
  readonly hasMoved: boolean;
}

export interface Flips {
  readonly flipped: { readonly count: number; readonly share: number };
  /** Requests that another rule sends to the same place. */
  readonly otherRule: number;
  /** The most frequent first. */
  readonly flips: readonly Flip[];
  readonly rules: readonly RuleCounts[];
  /** The first of those that get another target, in the order in which they were added. */
  readonly moved: readonly Moved[];
}

export interface FlipTally {
  add(record: Pick<UsageRecord, 'id' | 'atMs'>, decided: Decided): void;
  result(): Flips;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type FlipGroup = Mutable<Omit<Flip, 'examples'>> & { readonly examples: string[] };

const EXAMPLES = 3;
const MOST_MOVED = 100;

export function flipTally(): FlipTally {
  const groups = new Map<string, FlipGroup>();
  const rows = new Map<string, Mutable<RuleCounts>>();
  const first: Moved[] = [];
  let [replayed, moved, otherRule] = [0, 0, 0];
  const rowOf = (rule: string): Mutable<RuleCounts> => {
    const known = rows.get(rule);
    if (known !== undefined) return known;
    const row = { rule, before: 0, after: 0, ...NO_MOVES };
    rows.set(rule, row);
    return row;
  };
  const addToRules = ({ was, now, hasMoved }: Decided): void => {
    const [from, to] = [rowOf(was.rule), rowOf(now.rule)];
    from.before += 1;
    to.after += 1;
    if (placeOf(was)?.tier === 'small') from.smallBefore += 1;
    if (placeOf(now)?.tier === 'small') to.smallAfter += 1;
    if (!hasMoved) return;
    from.movedAway += 1;
    to.movedHere += 1;
  };
  return {
    add: ({ id, atMs }, decided) => {
      const { was, now, hasMoved } = decided;
      replayed += 1;
      addToRules(decided);
      if (hasMoved) {
        moved += 1;
        const change = { from: rulePlaceOf(was), to: rulePlaceOf(now), because: now.reason };
        if (first.length < MOST_MOVED) first.push({ id, atMs, ...change });
        addToGroup(groups, id, change);
      } else if (was.rule !== now.rule) otherRule += 1;
    },
    result: () => ({
      flipped: { count: moved, share: moved / Math.max(1, replayed) },
      otherRule,
      flips: [...groups.values()].toSorted((a, b) => b.count - a.count),
      rules: [...rows.values()].toSorted((a, b) => b.after - a.after || b.before - a.before),
      moved: first,
    }),
  };
}

const NO_MOVES = { smallBefore: 0, smallAfter: 0, movedAway: 0, movedHere: 0 };

function addToGroup(
  groups: Map<string, FlipGroup>,
  id: string,
  { from, to, because }: Pick<Moved, 'from' | 'to' | 'because'>,
): void {
  const key = `${from.rule} ${from.to} ${to.rule} ${to.to}`;
  const group = groups.get(key);
  if (group === undefined) {
    groups.set(key, { from, to, count: 1, examples: [id], because });
    return;
  }
  group.count += 1;
  if (group.examples.length < EXAMPLES) group.examples.push(id);
}

/** Includes the model, so that another model of the same tier is another place. */
function rulePlaceOf(decision: Decision): RuleAndPlace {
  const place = placeOf(decision);
  if (place === undefined) return { rule: decision.rule, to: 'refused' };
  return { rule: decision.rule, to: `${place.tier} ${place.upstream}/${place.model}` };
}
