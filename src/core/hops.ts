/** Counts the gateways that a request has passed, so that a gateway that is its own upstream does not ask itself for ever. */
import { randomBytes } from 'node:crypto';

export const HOP_HEADER = 'x-smallfirst-hop';

/** Letters only, which no detector of personal data takes for any. */
const LETTERS = 16;
const HERE = [...randomBytes(LETTERS)]
  .map((byte) => String.fromCharCode(97 + (byte % 26)))
  .join('');
/** Gateways in a row that anybody builds. */
const MOST = 8;
const WRITTEN = /^[a-z]{16}(?:, [a-z]{16}){0,15}$/;

/** What a header says of the way so far; undefined where it is none of ours, and is not passed on. */
export const hopsIn = (header: string | undefined): string | undefined =>
  header !== undefined && WRITTEN.test(header) ? header : undefined;

/** True if the request was here before, or passed more gateways than anybody chains. */
export function isLoop(hops: string): boolean {
  const passed = hops.split(', ');
  return passed.length >= MOST || passed.includes(HERE);
}

/** With this process. */
export const hopsOnward = (hops: string | undefined): string =>
  hops === undefined ? HERE : `${hops}, ${HERE}`;
