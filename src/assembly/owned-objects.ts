/** Objects that the cloud keeps: whose they are, and what they were found to hold as they passed. */
import type { Config } from '../config/config.ts';
import type { Caller } from '../core/call.ts';
import { contentsOf, readingOf } from '../core/object-contents.ts';
import { mayUse, type Owned, type Owners } from '../core/owners.ts';
import type { KnownState } from '../core/known-state.ts';
import { createOwnership, type Ownership } from '../http/carried/ownership.ts';
import { allKnown } from '../lib/soon.ts';
import { isOwnId } from '../core/own-ids.ts';

export const ownershipOf = (
  { auth, carried, pii }: Pick<Config, 'auth' | 'carried' | 'pii'>,
  owners: Owners,
): Ownership =>
  createOwnership({
    owners,
    more: carried,
    isOurs: isOwnId,
    reading: readingOf(pii.phoneRegions),
    isOpen: auth.mode === 'open',
  });

/** What is known of objects at the cloud, for who may use them. What cannot be looked up is not known. */
export function contentsKnown(
  { auth, pii }: Pick<Config, 'auth' | 'pii'>,
  owners: Owners,
): NonNullable<KnownState['contentsOf']> {
  const reading = readingOf(pii.phoneRegions);
  const isKnown = (caller: Caller, owned: Owned | undefined): owned is Required<Owned> =>
    owned?.contents?.reading === reading &&
    (auth.mode === 'open' || caller.account === true || mayUse(caller, owned));
  return (ids, caller) => {
    const known = (rows: readonly (Owned | undefined)[]) =>
      new Map(
        rows
          .filter((owned) => isKnown(caller, owned))
          .map(({ id, contents }) => [id, contentsOf(contents.bits)]),
      );
    const asked = allKnown(ids.map((id) => owners.of(id)));
    return asked instanceof Promise ? asked.then(known, () => new Map()) : known(asked);
  };
}
