/** Signing in to the page: a key is changed for a cookie, which no script can read and no other site can send. */
import type { IncomingMessage } from 'node:http';
import type { SessionAnswer } from '../../core/admin-session.ts';
import { GatewayError } from '../../core/errors.ts';
import type { SessionStore, StoredSession } from '../../core/sessions.ts';
import { digestOf, newSecret } from './key-secret.ts';
import { isOurs } from './cross-site.ts';
import type { Admin, KeyEntry, Keyring } from './keyring.ts';
import { sessionCookie, type SessionCookie } from './session-cookie.ts';

export interface Sessions {
  /** Whether a session is named, be it a living one or not. */
  isNamed(incoming: IncomingMessage): boolean;
  /** @throws GatewayError `caller_bad_key` where it has ended; `caller_cross_site` for a change without an origin of our own */
  admin(incoming: IncomingMessage): Promise<Admin>;
  /** Gives the header that sets the cookie. @throws GatewayError `caller_bad_key`; `caller_rate_limited` after ten wrong keys in a minute */
  signIn(
    incoming: IncomingMessage,
    key: string,
  ): Promise<{ readonly cookie: string; readonly who: Admin }>;
  /** Of everybody for an admin, of the same key for others. */
  list(incoming: IncomingMessage, who: Admin): Promise<SessionAnswer['sessions']>;
  /** Ends the asking session, or the one that is named. Gives the header that removes the cookie. @throws GatewayError `caller_not_found` */
  end(incoming: IncomingMessage, who: Admin, id: string | undefined): Promise<string>;
}

interface SessionOptions {
  readonly store: SessionStore;
  readonly keyring: Keyring;
  readonly epochMs: () => number;
  /** Of `server.cors`: a proxy may name another host than the page's. */
  readonly origins: readonly string[];
  /** Of `server.basePath`. */
  readonly basePath: string;
}

const HOUR_MS = 3_600_000;
const LONGEST_MS = 12 * HOUR_MS;
const LONGEST_IDLE_MS = HOUR_MS;
/** A session is marked as seen at most so often: each mark is a write to the disk. */
const SEEN_EVERY_MS = 60_000;
const LONGEST_AGENT = 120;

export function createSessions(options: SessionOptions): Sessions {
  const { store, keyring, epochMs, origins } = options;
  const wrong = wrongKeys(epochMs);
  const cookie = sessionCookie(options.basePath);
  const digestIn = digestReader(cookie);
  const living = async (digest: string): Promise<Living | undefined> => {
    const session = await store.get(digest);
    const entry = session && keyring.withDigest(session.keyDigest);
    if (session === undefined || entry === undefined || !mayAdminister(entry)) return undefined;
    return isOver(session, epochMs()) ? undefined : { session, entry };
  };
  const named = async (incoming: IncomingMessage): Promise<Living> => {
    const found = await living(digestIn(incoming) ?? '');
    if (found === undefined) throw ended();
    return found;
  };
  return {
    isNamed: (incoming) => digestIn(incoming) !== undefined,
    admin: async (incoming) => {
      requireOwnOrigin(incoming, origins);
      const { session, entry } = await named(incoming);
      const nowMs = epochMs();
      if (nowMs - session.seenMs >= SEEN_EVERY_MS) await store.seen(session.digest, nowMs);
      return adminOf(entry);
    },
    signIn: async (incoming, key) => {
      const address = incoming.socket.remoteAddress ?? '';
      wrong.check(address);
      const entry = keyring.find(key);
      if (entry === undefined || !mayAdminister(entry)) {
        wrong.add(address);
        throw notAKey();
      }
      const token = newSecret();
      const nowMs = epochMs();
      await store.add({
        digest: hexOf(token),
        keyDigest: hexOf(key),
        createdMs: nowMs,
        seenMs: nowMs,
        expiresMs: nowMs + LONGEST_MS,
        agent: (incoming.headers['user-agent'] ?? '').slice(0, LONGEST_AGENT),
      });
      return { cookie: cookie.set(incoming, token, LONGEST_MS / 1000), who: adminOf(entry) };
    },
    ...listing(options, cookie),
  };
}

/** Seeing and ending sessions: an admin all, others their own. */
function listing(
  { store, keyring, epochMs }: SessionOptions,
  cookie: SessionCookie,
): Pick<Sessions, 'list' | 'end'> {
  const digestIn = digestReader(cookie);
  const entryOf = ({ keyDigest }: StoredSession): KeyEntry | undefined => {
    const entry = keyring.withDigest(keyDigest);
    return entry !== undefined && mayAdminister(entry) ? entry : undefined;
  };
  return {
    list: async (incoming, who) => {
      const own = digestIn(incoming);
      const known = await store.list();
      return known.flatMap((session) => {
        const entry = entryOf(session);
        if (entry === undefined || !maySee(who, entry) || isOver(session, epochMs())) return [];
        const { createdMs, seenMs, expiresMs, agent, digest } = session;
        const times = { createdMs, seenMs, expiresMs };
        return [{ id: idOf(digest), ...adminOf(entry), ...times, own: digest === own, agent }];
      });
    },
    end: async (incoming, who, id) => {
      const own = digestIn(incoming);
      const known = await store.list();
      const found = known.find(({ digest }) =>
        id === undefined ? digest === own : idOf(digest) === id,
      );
      const entry = found && entryOf(found);
      if (found === undefined || (entry !== undefined && !maySee(who, entry))) throw noSession(id);
      await store.remove(found.digest);
      return found.digest === own ? cookie.set(incoming, '', 0) : '';
    },
  };
}

interface Living {
  readonly session: StoredSession;
  readonly entry: KeyEntry;
}

const isOver = ({ expiresMs, seenMs }: StoredSession, nowMs: number): boolean =>
  nowMs >= expiresMs || nowMs - seenMs >= LONGEST_IDLE_MS;

const mayAdminister = ({ role, refused }: KeyEntry): boolean =>
  role !== 'data' && refused === undefined;

const adminOf = ({ name, role }: KeyEntry): Admin => ({
  name,
  role: role === 'admin' ? 'admin' : 'viewer',
});

const maySee = (who: Admin, entry: KeyEntry): boolean =>
  who.role === 'admin' || who.name === entry.name;

const digestReader =
  (cookie: SessionCookie) =>
  (incoming: IncomingMessage): string | undefined => {
    const value = cookie.read(incoming);
    return value === undefined ? undefined : hexOf(value);
  };

const hexOf = (text: string): string => digestOf(text).toString('hex');

/** Names a session without opening it. */
const idOf = (digest: string): string => digest.slice(0, 16);

const SAFE: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

function requireOwnOrigin({ method, headers }: IncomingMessage, origins: readonly string[]): void {
  const { origin } = headers;
  if (SAFE.has(method)) return;
  if (origin !== undefined && (isOurs(origin, headers.host) || origins.includes(origin))) return;
  throw new GatewayError(
    'caller_cross_site',
    'A session changes things from the page itself only: the request names no origin of this gateway. Programs send a key.',
  );
}

/** So many wrong keys in a minute from one address. */
const MOST_WRONG = 10;
const MINUTE_MS = 60_000;
/** Addresses that are remembered. */
const MOST_ADDRESSES = 10_000;

function wrongKeys(epochMs: () => number) {
  const byAddress = new Map<string, readonly number[]>();
  const recent = (address: string): readonly number[] =>
    (byAddress.get(address) ?? []).filter((atMs) => epochMs() - atMs < MINUTE_MS);
  return {
    check: (address: string): void => {
      const times = recent(address);
      const [first] = times;
      if (first === undefined || times.length < MOST_WRONG) return;
      const seconds = Math.max(1, Math.ceil((first + MINUTE_MS - epochMs()) / 1000));
      throw new GatewayError(
        'caller_rate_limited',
        `${MOST_WRONG} wrong keys came from this address within a minute; try again in ${seconds} s.`,
        { headers: { 'retry-after': String(seconds) } },
      );
    },
    add: (address: string): void => {
      if (byAddress.size >= MOST_ADDRESSES) byAddress.clear();
      byAddress.set(address, [...recent(address), epochMs()]);
    },
  };
}

const notAKey = (): GatewayError =>
  new GatewayError(
    'caller_bad_key',
    'This is no key of an admin or a viewer: auth.adminKey and auth.viewerKey are, and keys whose role is `admin` or `viewer`.',
    { wireCode: 'invalid_api_key', param: 'key' },
  );

const ended = (): GatewayError =>
  new GatewayError('caller_bad_key', 'The session has ended; sign in again.', {
    wireCode: 'invalid_api_key',
  });

const noSession = (id: string | undefined): GatewayError =>
  new GatewayError(
    'caller_not_found',
    id === undefined
      ? 'No session asks here; a key does.'
      : `There is no session '${id.slice(0, 40)}'; GET /admin/session lists them.`,
    { param: 'id' },
  );
