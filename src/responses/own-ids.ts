/** Ids of objects that this gateway makes for an upstream without `/v1/responses`; no upstream's ids look like them. */
import type { NewId } from './response-object.ts';

/** Upstreams write hexadecimal digits or random letters behind the prefix; 32 digits behind this are ours. */
const MARK = 'sf';
const OWN = /^[a-z]+_sf[0-9a-f]{32}$/;

/** The same ids, marked as this gateway's: `msg_sf…`. At most 40 characters for the prefixes in use. */
export const ownIds =
  (newId: NewId): NewId =>
  (prefix) =>
    newId(prefix).replace(/^([a-z]+_)/, `$1${MARK}`);

export const isOwnId = (id: string): boolean => OWN.test(id);
