/** Who owns what the cloud keeps: one account of the operator's holds the objects of all keys. */
import type { Soon } from '../lib/soon.ts';
import type { Caller } from './call.ts';
import type { KeptContents } from './object-contents.ts';
import type { Act } from './policy-store.ts';

/** `key:<name>` or `team:<name>`. */
export type Owner = `${'key' | 'team'}:${string}`;

export interface Owned {
  /** As the cloud wrote it. */
  readonly id: string;
  readonly owner: Owner;
  /** Which upstream holds it; `''`: not known. */
  readonly upstream: string;
  /** Absent for what did not pass through here, or was not judged as it did. */
  readonly contents?: KeptContents;
}

export interface Owners {
  /** Undefined for an id that was never seen. Takes microseconds, or a question to the store that replicas share. */
  of(id: string): Soon<Owned | undefined>;
  /**
   * Known at once here, durable soon after. Who is known already keeps it: an answer that shows an object does not give it away.
   * Never throws.
   */
  own(owned: Owned): void;
  /**
   * More is put into an object: it holds these too, or nothing is known of it any more (`undefined`). Durable when it resolves, so
   * that nobody takes for clean what is not.
   */
  widen(owned: Owned, more: KeptContents | undefined): Promise<void>;
  /** What existed before, or is another's, from now on belongs to this one. Durable when it resolves. */
  adopt(owned: Owned, act: Act): Promise<void>;
  /** Resolves when everything owned so far is durable or given up. */
  close(): Promise<void>;
}

/** Whose state a caller's is: its team's, where it shares, else its own. No key's name has a colon. */
export const tenantOf = ({ name, team, sharesWithTeam }: Caller): string =>
  sharesWithTeam === true && team !== undefined ? `team:${team}` : name;

/** To whom belongs what this caller makes. */
export const ownerOf = ({ name, team, sharesWithTeam }: Caller): Owner =>
  sharesWithTeam === true && team !== undefined ? `team:${team}` : `key:${name}`;

/** What a key made before it shared stays its own. */
export const mayUse = (caller: Caller, { owner }: Pick<Owned, 'owner'>): boolean =>
  owner === `key:${caller.name}` || owner === ownerOf(caller);
