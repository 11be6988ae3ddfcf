import { OWN_ID_MARK } from '../core/own-ids.ts';
import type { NewId } from './response-object.ts';

/** The same ids, marked as this gateway's: `msg_sf…`. At most 40 characters for the prefixes in use. */
export const ownIds =
  (newId: NewId): NewId =>
  (prefix) =>
    newId(prefix).replace(/^([a-z]+_)/, `$1${OWN_ID_MARK}`);
