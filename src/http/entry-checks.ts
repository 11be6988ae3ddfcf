/** Checks that apply to every request, before its route is looked up. */
import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../core/errors.ts';
import type { Auth } from './callers/auth.ts';
import { refuseCrossSite } from './callers/cross-site.ts';

interface EntryRules {
  readonly auth: Pick<Auth, 'requireHost'>;
  readonly corsOrigins: readonly string[];
}

/** @throws GatewayError `caller_wrong_method`, `caller_invalid` for none or two Host headers or a WebSocket, `caller_bad_host`, `caller_cross_site` */
export function checkEntry(incoming: IncomingMessage, { auth, corsOrigins }: EntryRules): void {
  if (!METHODS.has(incoming.method)) throw unknownMethod(incoming.method);
  if (incoming.headers.upgrade?.toLowerCase() === 'websocket') throw webSocket();
  const hosts = hostsOf(incoming);
  if (hosts > 1) throw twoHosts();
  if (hosts === 0 && incoming.httpVersion !== '1.0') throw noHost();
  auth.requireHost(incoming);
  refuseCrossSite(incoming, corsOrigins);
}

const METHODS: ReadonlySet<string | undefined> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
]);

/** The value of `Allow` where a method is refused. */
export const ALLOWED_METHODS = [...METHODS].join(', ');

/** How many Host headers there are: Node keeps the first, and a proxy in front may have used another. */
function hostsOf({ rawHeaders }: IncomingMessage): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

const unknownMethod = (method = ''): GatewayError =>
  new GatewayError(
    'caller_wrong_method',
    `No route here takes the method ${method.slice(0, 20)}. Use ${ALLOWED_METHODS}.`,
    { wireCode: 'method_not_supported', headers: { allow: ALLOWED_METHODS } },
  );

/** Carried as a plain request it would be answered by the cloud with whatever that says to one without an upgrade. */
const webSocket = (): GatewayError =>
  new GatewayError(
    'caller_invalid',
    'This gateway carries no WebSockets (/v1/realtime, and /v1/responses by one). Ask over HTTP; for a realtime session connect to its provider.',
  );

/** RFC 9112, 3.2. */
const noHost = (): GatewayError =>
  new GatewayError(
    'caller_invalid',
    'The request has no Host header, which HTTP/1.1 requires. Send one, or speak HTTP/1.0.',
  );

const twoHosts = (): GatewayError =>
  new GatewayError(
    'caller_invalid',
    'The request has two Host headers. Send one: a proxy and this gateway may read different ones.',
  );
