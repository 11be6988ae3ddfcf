/** What is known of what a request names and does not hold. */
import type { Soon } from '../lib/soon.ts';
import type { Caller } from './call.ts';
import type { ObjectContents } from './object-contents.ts';

/** What is known of objects at upstreams that a request names, by their ids. */
export type KnownContents = ReadonlyMap<string, ObjectContents>;

export interface KnownState {
  /** The response that the call continues came through here, for this caller. */
  readonly ownsState: boolean;
  /** Asked where a request names any; what is not in the answer is unread. */
  readonly contentsOf?: (ids: readonly string[], caller: Caller) => Soon<KnownContents>;
}
