/**
 * Rewrites that search members which may be megabytes long. If a thread found before that one of them would change nothing, it is skipped.
 */
import type { Json, JsonObject } from '../../lib/json.ts';

/** Members to set; undefined removes one. */
export type Members = Readonly<Record<string, Json | undefined>>;

/** Undefined if the request needs no change. Receives the body with the changes of earlier rewrites. */
export interface Rewrite {
  (body: JsonObject, model: string): Members | undefined;
  /** By which it is known here; absent for one that reads short members only. */
  readonly longName?: string;
}

/** The members that such rewrites read and change. */
const LONG = ['messages', 'input', 'tools', 'functions'] as const;

const all = new Map<string, Rewrite>();

/** Registers a rewrite by name. Another one of that name must be the same, or change less than the first. */
export function inLongMembers(name: string, rewrite: Rewrite): Rewrite {
  if (!all.has(name)) all.set(name, rewrite);
  return knownAs(name, rewrite);
}

/** A rewrite that is known by this name, if by any. */
export const knownAs = (longName: string | undefined, rewrite: Rewrite): Rewrite =>
  longName === undefined ? rewrite : Object.assign(rewrite, { longName });

/** The names of those that would change something. */
export function longRewrites(body: JsonObject): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [name, rewrite] of all) if (rewrite(body, '') !== undefined) found.add(name);
  return found;
}

/** Whether what was found of the body before still holds for it with these changes. */
export const leavesLongMembers = (changes: Members | undefined): boolean =>
  changes === undefined || !LONG.some((name) => name in changes);
