/** Makes, shows, rotates and revokes keys, for commands and for `/admin/keys`. */
import type { Config } from '../config/config.ts';
import { GatewayError } from '../core/errors.ts';
import {
  newKey,
  type KeyAdmin,
  type KeySettings,
  type KeyStore,
  type ShownKey,
  type StoredKey,
} from '../core/keys.ts';
import { digestOf, newSecret } from '../lib/key-secret.ts';
import { suggestion } from '../lib/suggest.ts';

interface Tools {
  readonly store: KeyStore;
  /** Called after each change. */
  readonly changed?: () => Promise<void>;
}

/** Names that records already use for callers without a key. */
const RESERVED = new Set(['open', 'unknown']);

export function keyAdmin(config: Config, { store, changed = async () => {} }: Tools): KeyAdmin {
  const fixed = fixedKeys(config);
  const notFixed = (name: string): void => {
    if (!fixed.some((key) => key.name === name)) return;
    throw invalid('name', `Key '${name}' stands in the configuration: change it there.`);
  };
  return {
    list: async () => {
      const stored = await store.list();
      const shown = stored.map((key) => shownKey(key, Date.now()));
      return [...fixed, ...shown].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    create: async (given, act) => {
      const { name, ...settings } = checked(given, config, act.atMs);
      notFixed(name);
      const secret = newSecret();
      const digest = digestOf(secret).toString('hex');
      const key = { name, digest, ...settings, createdMs: act.atMs, createdBy: act.who };
      await store.create(key, act);
      await changed();
      return { key: shownKey(key, act.atMs), secret };
    },
    rotate: async (name, graceMs, act) => {
      notFixed(name);
      const secret = newSecret();
      const to = { digest: digestOf(secret).toString('hex'), graceUntilMs: act.atMs + graceMs };
      const key = await store.rotate(name, to, act);
      await changed();
      return { key: shownKey(key, act.atMs), secret };
    },
    revoke: async (name, act) => {
      notFixed(name);
      const key = await store.revoke(name, act);
      await changed();
      return shownKey(key, act.atMs);
    },
  };
}

function fixedKeys({ auth }: Config): readonly ShownKey[] {
  if (auth.mode === 'open') return [];
  return auth.keys.map(({ key: secret, ...rest }) => {
    void secret;
    return { ...rest, from: 'configuration', state: 'active' };
  });
}

function shownKey(key: StoredKey, nowMs: number): ShownKey {
  const { digest, previous, createdMs, createdBy, ...rest } = key;
  void digest;
  const isExpired = key.expiresMs !== undefined && key.expiresMs <= nowMs;
  return {
    ...rest,
    from: 'store',
    state: key.revokedMs === undefined ? (isExpired ? 'expired' : 'active') : 'revoked',
    created: { atMs: createdMs, by: createdBy },
    ...(previous && previous.untilMs > nowMs ? { previousUntilMs: previous.untilMs } : {}),
  };
}

type NewKey = KeySettings & { readonly name: string; readonly expiresMs?: number };

function checked(given: unknown, config: Config, nowMs: number): NewKey {
  const result = newKey.safeParse(given);
  if (!result.success) {
    const [issue] = result.error.issues;
    const at = issue === undefined ? '' : issue.path.join('.');
    throw invalid(at, `${at === '' ? 'The key' : `'${at}'`}: ${issue?.message ?? 'is wrong'}.`);
  }
  const key = result.data;
  if (RESERVED.has(key.name))
    throw invalid('name', `'${key.name}' is a name of the gateway itself; choose another one.`);
  if (key.expiresMs !== undefined && key.expiresMs <= nowMs)
    throw invalid('expiresMs', `The expiry, ${new Date(key.expiresMs).toISOString()}, is past.`);
  const known = upstreamNames(config);
  const unknown = key.upstreams?.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw invalid('upstreams', `There is no upstream '${unknown}'; ${suggestion(unknown, known)}`);
  return key;
}

const upstreamNames = ({ upstreams }: Config): readonly string[] =>
  upstreams.kind === 'configured' ? upstreams.list.map(({ name }) => name) : ['local', 'cloud'];

const invalid = (param: string, message: string): GatewayError =>
  new GatewayError('caller_invalid', message, { param, wireCode: 'invalid_value' });
