/** Compares what a provider charged with the book of attempts, and closes those whose cost was not known. */
import type { BilledDay } from './bill.ts';

/** What the book has for one model on one day of UTC. */
interface BookedDay {
  readonly day: string;
  readonly model: string;
  readonly settledNanoUsd: number;
  /** Calls under way. */
  readonly open: number;
}

/** An attempt that is charged as reserved. */
export interface UnknownAttempt {
  readonly id: string;
  readonly day: string;
  readonly model: string;
  readonly reservedNanoUsd: number;
}

export interface ReconciledDay {
  readonly day: string;
  readonly model: string;
  readonly billedNanoUsd: number;
  readonly settledNanoUsd: number;
  /** Attempts whose cost was not known, and what they were charged. */
  readonly unknown: number;
  readonly reservedNanoUsd: number;
  /** What they are charged from now on; as reserved where `left` says why. */
  readonly closedNanoUsd: number;
  /** What the bill has and the book has not; negative: the other way round. */
  readonly differenceNanoUsd: number;
  /** Why they stay as they are; absent: they are closed. */
  readonly left?: string;
}

export interface Reconciliation {
  readonly days: readonly ReconciledDay[];
  readonly ends: readonly { readonly id: string; readonly usedNanoUsd: number }[];
}

interface Book {
  readonly booked: readonly BookedDay[];
  readonly unknown: readonly UnknownAttempt[];
}

/**
 * Days that the bill has count as complete. What the bill has beyond the settled attempts is shared among the unknown ones, by what
 * they had reserved and never more than that.
 * @param notOver the day that is still going on: its attempts stay; undefined: none is
 */
export function reconcile(
  bill: readonly BilledDay[],
  { booked, unknown }: Book,
  notOver: string | undefined,
): Reconciliation {
  const days = new Set(bill.map(({ day }) => day));
  const groups = new Map<string, Group>();
  const groupOf = (day: string, model: string): Group => {
    const key = JSON.stringify([day, model]);
    const known = groups.get(key);
    if (known !== undefined) return known;
    const made = { day, model, billed: undefined, settled: 0, open: 0, attempts: [] };
    groups.set(key, made);
    return made;
  };
  for (const { day, model, settledNanoUsd, open } of booked.filter((each) => days.has(each.day))) {
    const group = groupOf(day, model);
    group.settled += settledNanoUsd;
    group.open += open;
  }
  for (const attempt of unknown)
    if (days.has(attempt.day)) groupOf(attempt.day, attempt.model).attempts.push(attempt);
  const strange = new Set<string>();
  for (const { day, model, nanoUsd } of bill) {
    const own = [model, withoutDate(model)].find((name) => groups.has(JSON.stringify([day, name])));
    if (own === undefined && nanoUsd !== 0) strange.add(day);
    const group = groupOf(day, own ?? model);
    group.billed = (group.billed ?? 0) + nanoUsd;
  }
  const closed = [...groups.values()].toSorted(byDayAndModel).map((group) =>
    closedGroup(group, {
      isStrange: strange.has(group.day),
      isGoingOn: group.day === notOver,
    }),
  );
  return { days: closed.map(({ line }) => line), ends: closed.flatMap(({ ends }) => ends) };
}

interface Group {
  readonly day: string;
  readonly model: string;
  /** Undefined where the bill has no line. */
  billed: number | undefined;
  settled: number;
  open: number;
  readonly attempts: UnknownAttempt[];
}

/** A bill names the snapshot that answered, `gpt-4o-2024-08-06`, where `gpt-4o` was asked for. */
const withoutDate = (model: string): string => model.replace(/-\d{4}-?\d{2}-?\d{2}$/, '');

const byDayAndModel = (a: Group, b: Group): number =>
  a.day === b.day ? (a.model < b.model ? -1 : 1) : a.day < b.day ? -1 : 1;

interface Doubts {
  /** The bill has a model of this day that the book has not. */
  readonly isStrange: boolean;
  readonly isGoingOn: boolean;
}

function closedGroup(group: Group, doubts: Doubts) {
  const { day, model, billed, settled, attempts } = group;
  const reserved = attempts.reduce((sum, { reservedNanoUsd }) => sum + reservedNanoUsd, 0);
  const left = attempts.length === 0 ? undefined : whyLeft(group, doubts);
  const ends = left === undefined ? shared(attempts, (billed ?? 0) - settled, reserved) : [];
  const closed =
    left === undefined ? ends.reduce((sum, { usedNanoUsd }) => sum + usedNanoUsd, 0) : reserved;
  const line: ReconciledDay = {
    day,
    model,
    billedNanoUsd: billed ?? 0,
    settledNanoUsd: settled,
    unknown: attempts.length,
    reservedNanoUsd: reserved,
    closedNanoUsd: closed,
    differenceNanoUsd: (billed ?? 0) - settled - closed,
    ...(left === undefined ? {} : { left }),
  };
  return { line, ends };
}

function whyLeft({ open, billed }: Group, doubts: Doubts): string | undefined {
  if (doubts.isGoingOn) return 'the day is not over';
  if (open > 0) return `${open} calls are under way`;
  if (billed === undefined && doubts.isStrange)
    return 'the bill does not have this model, and has one that was never asked for';
  return undefined;
}

/** Exact: the parts add up to what is due. */
function shared(
  attempts: readonly UnknownAttempt[],
  dueNanoUsd: number,
  reservedNanoUsd: number,
): Reconciliation['ends'] {
  const due = Math.max(0, Math.min(dueNanoUsd, reservedNanoUsd));
  let rest = due;
  const ends = attempts.map(({ id, reservedNanoUsd: own }) => {
    const part =
      reservedNanoUsd === 0 ? 0 : Number((BigInt(own) * BigInt(due)) / BigInt(reservedNanoUsd));
    rest -= part;
    return { id, own, usedNanoUsd: part };
  });
  // Fewer nano-USD are left over than there are attempts.
  return ends.map(({ id, own, usedNanoUsd }) => {
    const more = rest > 0 && usedNanoUsd < own ? 1 : 0;
    rest -= more;
    return { id, usedNanoUsd: usedNanoUsd + more };
  });
}
