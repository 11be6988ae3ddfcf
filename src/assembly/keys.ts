/** The keys of a running gateway: those of the configuration and those of the store, which commands change beside it. */
import type { Config } from '../config/config.ts';
import { isShort } from '../config/load.ts';
import type { KeyStore, StoredKey } from '../core/keys.ts';
import type { PolicyStore } from '../core/policy-store.ts';
import type { SessionStore } from '../core/sessions.ts';
import { createAuth, type Auth } from '../http/callers/auth.ts';
import { createKeyring } from '../http/callers/keyring.ts';
import { createSessions, type Sessions } from '../http/callers/sessions.ts';
import { osUser } from '../lib/os-user.ts';
import { repeatWhileAlive } from '../lib/while-alive.ts';
import type { ActivePolicies } from '../rollout/active-policy.ts';
import { openOwnPolicies } from '../rollout/own-policies.ts';

/** A revoked key is refused after at most this long, and what is left of a look. */
const LOOK_EVERY_MS = 500;

export interface RunningAuth {
  readonly auth: Auth;
  /** Absent where nobody signs in. */
  readonly sessions?: Sessions;
  /** Looks for changes now: after one of this process's own. */
  look(): Promise<void>;
}

interface KeyTools {
  /** Where policies of keys' own go, and the versions of them. */
  readonly policies: ActivePolicies;
  readonly versions: PolicyStore;
  readonly store: KeyStore;
  readonly sessions: SessionStore;
  readonly epochMs: () => number;
  readonly printLine: (line: string) => void;
  readonly life: AbortSignal;
}

/** Follows the store as long as `life` lasts. In open mode there is nothing to follow. */
export async function startAuth(
  { auth: config, server, admin }: Pick<Config, 'auth' | 'server' | 'admin'>,
  { store, sessions: kept, policies, versions, epochMs, printLine, life }: KeyTools,
): Promise<RunningAuth> {
  if (config.mode === 'open') {
    const hosts = [server.host, ...server.hosts, ...(admin === undefined ? [] : [admin.host])];
    const auth = createAuth({ mode: 'open', hosts });
    return { auth, look: async () => {} };
  }
  const teams = new Map(config.teams.map(({ name, limits }) => [name, limits]));
  const keys = config.keys.map(({ key, ...rest }) => ({ ...rest, secret: key.reveal() }));
  const [adminKey, viewerKey] = [config.adminKey?.reveal(), config.viewerKey?.reveal()];
  const keyring = createKeyring(keys, { adminKey, viewerKey, teams });
  const { cors: origins, basePath } = server;
  const sessions = createSessions({ store: kept, keyring, epochMs, origins, basePath });
  const auth = createAuth({ mode: 'keys', keyring, sessions });
  const own = await openOwnPolicies({
    policies,
    store: versions,
    configured: policiesOf(keys),
    act: () => ({ who: osUser(), note: 'a key has it of its own', atMs: epochMs() }),
    printLine,
    life,
  });
  let seen: number | undefined;
  // Of the last look: a clock that was set back brings keys back that had expired.
  let sinceMs = -Infinity;
  let nextMs = Infinity;
  const look = async (): Promise<void> => {
    const version = await store.version();
    const nowMs = epochMs();
    if (version === seen && nowMs >= sinceMs && nowMs < nextMs) return;
    const stored = await store.list();
    // Before its keys are taken: none is ever served under another one.
    await own.follow(policiesOf(stored.filter(({ revokedMs }) => revokedMs === undefined)));
    nextMs = keyring.use(stored, nowMs);
    sinceMs = nowMs;
    seen = version;
    auth.forget();
  };
  await look();
  for (const { name, secret } of keys) if (isShort(secret)) printLine(shortKey(name));
  if (keys.length === 0 && (await store.list()).length === 0) printLine(NO_KEY);
  // A store that cannot be read for a moment changes no key: those of the last look hold.
  repeatWhileAlive(() => void look().catch(() => {}), LOOK_EVERY_MS, life);
  return { auth, sessions, look };
}

const policiesOf = (keys: readonly Pick<StoredKey, 'policy'>[]): ReadonlySet<string> =>
  new Set(keys.flatMap(({ policy }) => policy ?? []));

const shortKey = (name: string): string =>
  `Key '${name}' has fewer than 16 characters: beyond this machine the gateway would not start with it.`;

const NO_KEY =
  'There is no key yet, so that nobody is served: `smallfirst keys create NAME` makes one, also beside the running gateway.';
