/** Authentication. `open` is for one machine only, `keys` for everything else. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../core/call.ts';
import type { Deadline, StateDeadline } from '../core/deadline.ts';
import { GatewayError } from '../core/errors.ts';
import type { Soon } from '../lib/soon.ts';

interface Key extends Caller {
  readonly secret: string;
}

export type AuthOptions =
  | { readonly mode: 'open'; readonly hosts: readonly string[] }
  | { readonly mode: 'keys'; readonly keys: readonly Key[]; readonly adminKey?: string };

export interface Auth {
  /** @throws GatewayError `caller_bad_key`, or `caller_bad_host` for DNS rebinding by a web page; thrown or as a rejection */
  caller(incoming: IncomingMessage, deadline: Deadline): Soon<Caller>;
  /** @throws GatewayError likewise, for `/admin/*` and `/dashboard` */
  admin(incoming: IncomingMessage, deadline: Deadline): Soon<void>;
}

/** @throws GatewayError as `Auth` does, and `gateway_state_unavailable` when the key is not known in time (fail closed) */
export function callerOf(
  incoming: IncomingMessage,
  deadline: StateDeadline,
  { auth }: { readonly auth: Auth },
): Soon<Caller> {
  return deadline.known('auth', auth.caller(incoming, deadline), notKnownInTime);
}

/** Requires the admin key. @throws GatewayError as `callerOf` */
export function requireAdmin(
  incoming: IncomingMessage,
  { auth, stateDeadline }: { readonly auth: Auth; readonly stateDeadline: () => StateDeadline },
): Soon<void> {
  const deadline = stateDeadline();
  return deadline.known('auth', auth.admin(incoming, deadline), notKnownInTime);
}

function notKnownInTime(): never {
  throw new GatewayError(
    'gateway_state_unavailable',
    'The key could not be looked up in time, so nothing was done. Ask again in a second.',
  );
}

const OPEN_CALLER: Caller = { name: 'open', labels: {}, mayOverride: true };

export function createAuth(options: AuthOptions): Auth {
  return options.mode === 'open' ? openAuth(options.hosts) : keyAuth(options);
}

/**
 * In open mode the Host header is the only defence against DNS rebinding (a web page whose domain resolves to 127.0.0.1), so it
 * must be a loopback name.
 */
function openAuth(hosts: readonly string[]): Auth {
  const known = new Set(['localhost', '127.0.0.1', '[::1]', ...hosts]);
  const check = ({ headers }: IncomingMessage): Caller => {
    const host = headers.host?.replace(/:\d+$/, '').toLowerCase() ?? '';
    if (known.has(host)) return OPEN_CALLER;
    throw new GatewayError(
      'caller_bad_host',
      `Host '${host.slice(0, 80)}' is not a name of this machine. Without keys only localhost is served; set auth.mode: keys to serve others.`,
    );
  };
  return { caller: check, admin: (incoming) => void check(incoming) };
}

/** Headers with a right key that are remembered: more than the spellings of any installation's keys. */
const MAX_KNOWN = 1000;

/**
 * Keys are looked up by the digest of the whole secret, so that neither a prefix nor timing reveals one. A header that was right is
 * remembered, as the configuration holds its key in the clear as well; a wrong one never is.
 */
function keyAuth(options: Extract<AuthOptions, { mode: 'keys' }>): Auth {
  const callers = new Map<string, Caller>();
  const known = new Map<string, Caller>();
  for (const { secret, name, labels, mayOverride } of options.keys) {
    callers.set(digest(secret).toString('hex'), { name, labels, mayOverride });
  }
  const admin = options.adminKey === undefined ? undefined : digest(options.adminKey);
  return {
    caller: (incoming) => {
      const { authorization = '' } = incoming.headers;
      const seen = known.get(authorization);
      if (seen !== undefined) return seen;
      const caller = callers.get(digest(bearer(incoming)).toString('hex'));
      if (caller === undefined) throw badKey('API key');
      if (isBearer(authorization) && known.size < MAX_KNOWN) known.set(authorization, caller);
      return caller;
    },
    admin: (incoming) => {
      const given = digest(bearer(incoming));
      if (admin === undefined || !timingSafeEqual(given, admin)) throw badKey('admin key');
    },
  };
}

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();

const BEARER = /^Bearer\s+(\S+)$/i;

const isBearer = (authorization: string): boolean => BEARER.test(authorization);

/** Anthropic's clients send a key as `x-api-key`. */
function bearer({ headers }: IncomingMessage): string {
  const given = BEARER.exec(headers.authorization ?? '')?.[1] ?? headers['x-api-key']?.toString();
  if (given === undefined) throw badKey('API key');
  return given;
}

const badKey = (what: string): GatewayError =>
  new GatewayError(
    'caller_bad_key',
    `Incorrect or missing ${what}. Send it as 'Authorization: Bearer <key>' or 'x-api-key: <key>'; keys are listed in the gateway's configuration.`,
    { wireCode: 'invalid_api_key' },
  );
