/** Authentication. `open` is for one machine only, `keys` for everything else. */
import type { IncomingMessage } from 'node:http';
import type { Caller } from '../../core/call.ts';
import type { Deadline, StateDeadline } from '../../core/deadline.ts';
import { GatewayError } from '../../core/errors.ts';
import { DASHBOARD_CALLER, type KeyRole } from '../../core/keys.ts';
import { whenKnown, type Soon } from '../../lib/soon.ts';
import type { Admin, KeyEntry, Keyring } from './keyring.ts';
import type { Sessions } from './sessions.ts';

export type AuthOptions =
  | { readonly mode: 'open'; readonly hosts: readonly string[] }
  | { readonly mode: 'keys'; readonly keyring: Keyring; readonly sessions?: Sessions };

export interface Auth {
  /** @throws GatewayError `caller_bad_key`, or `caller_bad_host` for DNS rebinding by a web page; thrown or as a rejection */
  caller(incoming: IncomingMessage, deadline: Deadline): Soon<Caller>;
  /** @throws GatewayError likewise, for `/admin/*` and `/dashboard` */
  admin(incoming: IncomingMessage, deadline: Deadline): Soon<Admin>;
  /** The check of the Host header, also for requests that need no key. @throws GatewayError `caller_bad_host` in open mode */
  requireHost(incoming: IncomingMessage): void;
  /** Forgets which headers were right: keys have changed. */
  forget(): void;
  /** Grows each time: who was let in before is asked again for the key where it takes long to read what is asked. */
  changes(): number;
}

/**
 * @throws GatewayError as `Auth` does, `caller_forbidden` for a route that the key may not ask, and `gateway_state_unavailable`
 * when the key is not known in time (fail closed)
 */
export function callerOf(
  incoming: IncomingMessage,
  deadline: StateDeadline,
  { auth }: { readonly auth: Auth },
): Soon<Caller> {
  const known = deadline.known('auth', auth.caller(incoming, deadline), notKnownInTime);
  return known instanceof Promise
    ? known.then((caller) => mayAsk(caller, incoming))
    : mayAsk(known, incoming);
}

function mayAsk(caller: Caller, { url = '' }: IncomingMessage): Caller {
  const routes = caller.only?.routes;
  if (routes === undefined) return caller;
  const path = url.split('?', 1)[0] ?? '';
  // A key may always ask what it is.
  if (path === '/v1/key') return caller;
  const isAmong = (route: string): boolean => {
    const allowed = `/v1/${route.replace(/^\/?(v1\/)?/, '').replace(/\/$/, '')}`;
    return path === allowed || path.startsWith(`${allowed}/`);
  };
  if (routes.some(isAmong)) return caller;
  throw new GatewayError(
    'caller_forbidden',
    `Key '${caller.name}' may not ask this route; it may ask ${routes.join(', ')}.`,
  );
}

interface AdminParts {
  readonly auth: Auth;
  readonly stateDeadline: () => StateDeadline;
}

/** Requires a key that may read reports and records. @throws GatewayError as `callerOf` */
export function requireViewer(incoming: IncomingMessage, parts: AdminParts): Soon<Admin> {
  const deadline = parts.stateDeadline();
  return deadline.known('auth', parts.auth.admin(incoming, deadline), notKnownInTime);
}

/** Requires a key that may change things. @throws GatewayError as `callerOf`, and `caller_forbidden` for a viewer's */
export function requireAdmin(incoming: IncomingMessage, parts: AdminParts): Soon<Admin> {
  return whenKnown(requireViewer(incoming, parts), (admin) => {
    if (admin.role === 'admin') return admin;
    throw new GatewayError(
      'caller_forbidden',
      `Key '${admin.name}' may read reports and records only; ask with a key whose role is admin.`,
    );
  });
}

function notKnownInTime(): never {
  throw new GatewayError(
    'gateway_state_unavailable',
    'The key could not be looked up in time, so nothing was done. Ask again in a second.',
  );
}

const OPEN_CALLER: Caller = { name: 'open', labels: {}, mayOverride: true };

export function createAuth(options: AuthOptions): Auth {
  return options.mode === 'open'
    ? openAuth(options.hosts)
    : keyAuth(options.keyring, options.sessions);
}

/**
 * In open mode the Host header is the only defence against DNS rebinding (a web page whose domain resolves to 127.0.0.1), so it
 * must be a loopback name.
 */
function openAuth(hosts: readonly string[]): Auth {
  const known = new Set(['localhost', '127.0.0.1', '[::1]', ...hosts.map(lowerCase)]);
  let lastKnown: string | undefined;
  const check = ({ headers }: IncomingMessage): Caller => {
    const isLast = lastKnown !== undefined && headers.host === lastKnown;
    const host = isLast ? '' : (headers.host?.replace(/:\d+$/, '').toLowerCase() ?? '');
    if (isLast || known.has(host)) {
      lastKnown = headers.host;
      return isOwnPage(headers) ? DASHBOARD : OPEN_CALLER;
    }
    throw new GatewayError(
      'caller_bad_host',
      `Host '${host.slice(0, 80)}' is not a name of this machine. Without keys only localhost is served, and what server.hosts names; set auth.mode: keys to serve others.`,
    );
  };
  const admin = (incoming: IncomingMessage): Admin => {
    check(incoming);
    return { name: 'open', role: 'admin' };
  };
  return { caller: check, admin, requireHost: check, forget: () => {}, changes: () => 0 };
}

/** Only the gateway's own dashboard has its origin; browsers send the origin with every POST. */
const isOwnPage = ({ origin, host = '' }: IncomingMessage['headers']): boolean =>
  origin !== undefined && origin.replace(/^https?:\/\//, '') === host;

const lowerCase = (name: string): string => name.toLowerCase();

/** Headers with a right key that are remembered: more than the spellings of any installation's keys. */
const MAX_KNOWN = 1000;

/** A valid header is remembered until keys change; an invalid one never is. */
function keyAuth(keyring: Keyring, sessions: Sessions | undefined): Auth {
  const known = new Map<string, Caller>();
  let changes = 0;
  const entryOf = (incoming: IncomingMessage, what: string): KeyEntry => {
    const entry = keyring.find(bearer(incoming, what));
    if (entry === undefined) throw badKey(what);
    if (entry.refused !== undefined) throw noLonger(entry.refused);
    return entry;
  };
  return {
    caller: (incoming) => {
      const { authorization = '' } = incoming.headers;
      const seen = known.get(authorization);
      if (seen !== undefined) return seen;
      if (sessions?.isNamed(incoming) === true && givenKey(incoming) === undefined)
        return sessions.admin(incoming).then(onPage);
      const { caller, name, role } = entryOf(incoming, 'API key');
      if (role !== 'data') throw ofAnotherRole(name, role);
      if (isBearer(authorization) && known.size < MAX_KNOWN) known.set(authorization, caller);
      return caller;
    },
    admin: (incoming) => {
      if (sessions?.isNamed(incoming) === true && givenKey(incoming) === undefined)
        return sessions.admin(incoming);
      const { name, role } = entryOf(incoming, 'admin key');
      if (role === 'data') throw ofAnotherRole(name, role);
      return { name, role };
    },
    requireHost: () => {},
    forget: () => {
      changes += 1;
      known.clear();
    },
    changes: () => changes,
  };
}

/** Someone signed in to the dashboard asks as a caller of its own, under the same policy, budgets and limits as any other. */
const DASHBOARD: Caller = {
  name: DASHBOARD_CALLER,
  labels: {},
  mayOverride: true,
  operator: true,
  only: { routes: ['chat/completions', 'models', 'route', 'feedback'] },
};

function onPage({ name, role }: Admin): Caller {
  if (role === 'admin') return DASHBOARD;
  throw new GatewayError(
    'caller_forbidden',
    `Key '${name}' reads reports and records only: to ask a model, give the key of a caller.`,
  );
}

const BEARER = /^Bearer\s+(\S+)$/i;

const isBearer = (authorization: string): boolean => BEARER.test(authorization);

/** Anthropic's clients send a key as `x-api-key`, Azure's as `api-key`. */
const givenKey = ({ headers }: IncomingMessage): string | undefined =>
  BEARER.exec(headers.authorization ?? '')?.[1] ??
  headers['x-api-key']?.toString() ??
  headers['api-key']?.toString();

function bearer(incoming: IncomingMessage, what: string): string {
  const given = givenKey(incoming);
  if (given === undefined) throw badKey(what);
  return given;
}

const badKey = (what: string): GatewayError =>
  new GatewayError(
    'caller_bad_key',
    `Incorrect or missing ${what}. Send it as 'Authorization: Bearer <key>', 'x-api-key: <key>' or 'api-key: <key>'; keys stand in the gateway's configuration, or are made by \`smallfirst keys create\`.`,
    { wireCode: 'invalid_api_key' },
  );

/** The holder of a valid key is told what it is for: if it were called wrong, people would make a new one of the same kind. */
const ofAnotherRole = (name: string, role: KeyRole): GatewayError =>
  new GatewayError(
    'caller_bad_key',
    role === 'data'
      ? `Key '${name}' is for asking models. What you asked for wants a key whose role is viewer or admin: auth.adminKey, or one that \`smallfirst keys create NAME --role admin\` makes.`
      : `Key '${name}' is for administration and asks no models. Send a caller's key: one of auth.keys, or one that \`smallfirst keys create NAME\` makes.`,
    { wireCode: 'invalid_api_key' },
  );

const noLonger = (why: string): GatewayError =>
  new GatewayError('caller_bad_key', `${why} Ask for another one.`, {
    wireCode: 'invalid_api_key',
  });
