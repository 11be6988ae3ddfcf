/**
 * Refuses requests from web pages of other sites. A browser sends them from inside the user's network, and without a preflight if the body
 * is called plain text. Programs other than browsers send neither header.
 */
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';

/** Methods that neither change anything nor spend. */
const SAFE: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** @param origins those of `server.cors`. @throws GatewayError `caller_cross_site` */
export function refuseCrossSite(
  { method, headers }: IncomingMessage,
  origins: readonly string[],
): void {
  const { origin } = headers;
  const site = headers['sec-fetch-site'];
  if (origin === undefined && site === undefined) return;
  if (SAFE.has(method)) return;
  const isForeign =
    origin === undefined
      ? site === 'cross-site' || site === 'same-site'
      : !isOurs(origin, headers.host);
  if (!isForeign) return;
  if (origin !== undefined && (origins.includes('*') || origins.includes(origin))) return;
  const from = origin === undefined ? 'another site' : `'${origin.slice(0, 80)}'`;
  throw new GatewayError(
    'caller_cross_site',
    `A page of ${from} may not ask this gateway. Add its origin to server.cors if it is yours.`,
  );
}

/** The page came from this very host and port. */
export const isOurs = (origin: string, host: string | undefined): boolean =>
  host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
