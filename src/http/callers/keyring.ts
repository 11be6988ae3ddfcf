/** The keys that are taken, by the digest of the whole secret: neither a prefix nor timing reveals one. */
import { timingSafeEqual } from 'node:crypto';
import type { Caller } from '../../core/call.ts';
import {
  callerWith,
  type KeyRole,
  type KeySettings,
  type StoredKey,
  type TeamLimits,
} from '../../core/keys.ts';
import { digestOf } from './key-secret.ts';

/** A key of the configuration. */
export interface FileKey extends KeySettings {
  readonly name: string;
  readonly secret: string;
}

export interface KeyEntry {
  readonly name: string;
  readonly role: KeyRole;
  readonly caller: Caller;
  /** Why a secret that was once valid is no longer accepted. */
  readonly refused?: string;
}

/** The administrator's name for the audit log. */
export interface Admin {
  readonly name: string;
  readonly role: 'viewer' | 'admin';
}

export interface Keyring {
  find(secret: string): KeyEntry | undefined;
  /** The same by its SHA-256, hex. */
  withDigest(digest: string): KeyEntry | undefined;
  /**
   * Takes these in place of the stored keys of before. `nowMs`: since the epoch. Answers when one of them has to be looked at
   * again, since it expires; Infinity: never.
   */
  use(stored: readonly StoredKey[], nowMs: number): number;
}

interface KeyringOptions {
  readonly adminKey?: string | undefined;
  readonly viewerKey?: string | undefined;
  readonly teams?: TeamLimits;
}

interface Kept extends KeyEntry {
  readonly digest: Buffer;
}

/** Keys of the configuration come first: a stored one of the same name or secret is not taken. */
export function createKeyring(
  keys: readonly FileKey[],
  { adminKey, viewerKey, teams = new Map() }: KeyringOptions = {},
): Keyring {
  const fixed = new Map<string, Kept>();
  const add = (into: Map<string, Kept>, entry: Kept): void => {
    const id = entry.digest.toString('hex');
    if (!fixed.has(id)) into.set(id, entry);
  };
  for (const { secret, ...key } of keys)
    add(fixed, entryOf({ name: key.name, key, teams }, digestOf(secret)));
  if (adminKey !== undefined)
    add(fixed, entryOf({ name: ADMIN_KEY, key: ADMIN, teams }, digestOf(adminKey)));
  if (viewerKey !== undefined)
    add(fixed, entryOf({ name: VIEWER_KEY, key: VIEWER, teams }, digestOf(viewerKey)));
  const ownNames = new Set(keys.map(({ name }) => name));
  let all: ReadonlyMap<string, Kept> = fixed;
  return {
    find: (secret) => {
      const digest = digestOf(secret);
      const found = all.get(digest.toString('hex'));
      return found !== undefined && timingSafeEqual(found.digest, digest) ? found : undefined;
    },
    withDigest: (digest) => all.get(digest),
    use: (stored, nowMs) => {
      const next = new Map(fixed);
      const ends = [Infinity];
      for (const key of stored) {
        if (ownNames.has(key.name)) continue;
        for (const entry of entriesOf(key, nowMs, teams)) add(next, entry);
        ends.push(key.expiresMs ?? Infinity, key.previous?.untilMs ?? Infinity);
      }
      all = next;
      return Math.min(...ends.filter((endMs) => endMs > nowMs));
    },
  };
}

/** The name of `auth.adminKey` in the audit log. */
const ADMIN_KEY = 'admin key';
const VIEWER_KEY = 'viewer key';
const ADMIN: KeySettings = { role: 'admin', labels: {}, mayOverride: false, account: false };
const VIEWER: KeySettings = { ...ADMIN, role: 'viewer' };

interface Named {
  readonly name: string;
  readonly key: KeySettings;
  readonly teams: TeamLimits;
}

const entryOf = ({ name, key, teams }: Named, digest: Buffer): Kept => ({
  name,
  role: key.role,
  caller: callerWith(name, key, teams),
  digest,
});

function entriesOf(key: StoredKey, nowMs: number, teams: TeamLimits): readonly Kept[] {
  const { name, digest, previous, revokedMs, expiresMs } = key;
  const refused =
    revokedMs !== undefined
      ? `Key '${name}' was revoked at ${when(revokedMs)}.`
      : expiresMs !== undefined && expiresMs <= nowMs
        ? `Key '${name}' expired at ${when(expiresMs)}.`
        : undefined;
  const kept = entryOf({ name, key, teams }, Buffer.from(digest, 'hex'));
  const entry = {
    ...kept,
    caller: { ...kept.caller, ...(expiresMs === undefined ? {} : { expiresMs }) },
    ...(refused === undefined ? {} : { refused }),
  };
  if (previous === undefined) return [entry];
  const replaced =
    previous.untilMs <= nowMs
      ? {
          refused: `This secret of key '${name}' was replaced, and taken until ${when(previous.untilMs)}.`,
        }
      : {};
  return [entry, { ...replaced, ...entry, digest: Buffer.from(previous.digest, 'hex') }];
}

const when = (ms: number): string => new Date(ms).toISOString();
