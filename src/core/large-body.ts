/** What was found of a large body where it was read, which is not where it is sent from. */
import type { JsonObject } from '../lib/json.ts';
import type { JsonOutline } from '../lib/json-outline.ts';
import type { ThreadKeys } from './thread-keys.ts';

/** Bytes. What is done with a smaller body takes less than handing it over. */
export const LARGE_BODY_BYTES = 256 * 1024;

export interface LargeBody {
  /** As it was accepted: what is found holds of no other. */
  readonly body: JsonObject;
  /** Absent for an object of very many members. */
  readonly outline?: JsonOutline;
  /** Undefined for what is no conversation. */
  readonly threadKeys: ThreadKeys | undefined;
  /** As `textTokens` estimates them. */
  readonly textTokens: number;
  /** By name, the rewrites for servers that would change a long member. */
  readonly rewrites: ReadonlySet<string>;
}

interface OfCall {
  readonly body: JsonObject;
  readonly large?: LargeBody;
}

/** What was found of a call's body; undefined where it is small, or was changed since. */
export const foundOf = ({ body, large }: OfCall): LargeBody | undefined =>
  large?.body === body ? large : undefined;
