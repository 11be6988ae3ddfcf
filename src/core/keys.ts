/** Keys: what one may do, and the port of the store that keeps those which a command made. */
import { z } from 'zod';
import { spendingLimit } from './budget-settings.ts';
import type { Caller } from './call.ts';
import { keyName } from './key-name.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Act } from './policy-store.ts';

const optional = z.exactOptional;

const nameList = z.array(z.string().min(1).max(200)).min(1).max(1000);

const count = z.int().min(1).max(1_000_000_000);

/** `RateLimits`, as they are written. */
export const rateLimits = z.strictObject({
  requestsPerMinute: optional(count),
  tokensPerMinute: optional(count),
  concurrent: optional(count),
});

/** What may be said of a key, in the configuration and by `keys create`. */
export const keySettings = {
  role: z.enum(['data', 'viewer', 'admin']).default('data'),
  team: optional(keyName),
  labels: z.record(z.string().max(64), z.string().max(256)).default({}),
  mayOverride: z.boolean().default(true),
  account: z.boolean().default(false),
  share: optional(z.literal('team')),
  models: optional(nameList),
  upstreams: optional(nameList),
  routes: optional(nameList),
  residency: optional(z.literal('local')),
  /** In the configuration a shipped policy's name or a path, else a stored version as `name@version`. */
  policy: optional(z.string().min(1).max(500)),
  limits: optional(rateLimits),
} as const;

const keySettingsObject = z.strictObject(keySettings);

/** The caller's name for someone signed in to the dashboard; a budget or a policy may name it like a key's. */
export const DASHBOARD_CALLER = 'dashboard';

export type KeySettings = z.output<typeof keySettingsObject>;
export type KeyRole = KeySettings['role'];

/** A new key, as `keys create` and `POST /admin/keys` take it. */
export const newKey = z.strictObject({
  name: keyName,
  ...keySettings,
  /** Milliseconds since the epoch. */
  expiresMs: optional(z.int().min(0)),
  /** Becomes a budget of the key's name. */
  budget: optional(z.strictObject(spendingLimit)),
});

/** The secret itself is shown once and kept by nobody. */
export interface StoredKey extends KeySettings {
  readonly name: string;
  /** SHA-256 of the secret, hex. */
  readonly digest: string;
  /** The one before a rotation, and until when it is still taken: milliseconds since the epoch. */
  readonly previous?: { readonly digest: string; readonly untilMs: number };
  readonly createdMs: number;
  readonly createdBy: string;
  readonly expiresMs?: number;
  readonly revokedMs?: number;
}

export interface KeyStore {
  /** Grows with every change, by whichever process. */
  version(): Promise<number>;
  /** Revoked and expired ones too, by name. */
  list(): Promise<readonly StoredKey[]>;
  /** @throws GatewayError `caller_invalid` when the name was ever taken: records and owners refer to it */
  create(key: Omit<StoredKey, 'previous' | 'revokedMs'>, act: Act): Promise<void>;
  /**
   * The old secret is taken until `graceUntilMs`.
   * @throws GatewayError `caller_not_found`, or `caller_invalid` for a key that is revoked or expired
   */
  rotate(name: string, to: { digest: string; graceUntilMs: number }, act: Act): Promise<StoredKey>;
  /** A second time changes nothing. @throws GatewayError `caller_not_found` */
  revoke(name: string, act: Act): Promise<StoredKey>;
  close(): Promise<void>;
}

/** A key as it is shown: nothing of its secret. */
export interface ShownKey extends KeySettings {
  readonly name: string;
  readonly from: 'configuration' | 'store';
  readonly state: 'active' | 'expired' | 'revoked';
  readonly created?: { readonly atMs: number; readonly by: string };
  readonly expiresMs?: number;
  readonly revokedMs?: number;
  /** Until then the secret before the last rotation is taken too. */
  readonly previousUntilMs?: number;
}

/** Shown once: nobody can say it again. */
export interface Shown<Key> {
  readonly key: Key;
  readonly secret: string;
}

/** What `keys …` and `/admin/keys` do. Whatever cannot be done throws a GatewayError in words. */
export interface KeyAdmin {
  /** By name, those of the configuration too. */
  list(): Promise<readonly ShownKey[]>;
  /** `given`: as `newKey` has it, unchecked. */
  create(given: unknown, act: Act): Promise<Shown<ShownKey>>;
  rotate(name: string, graceMs: number, act: Act): Promise<Shown<ShownKey>>;
  revoke(name: string, act: Act): Promise<ShownKey>;
}

/** By the team's name. */
export type TeamLimits = ReadonlyMap<string, RateLimits>;

/** The caller that a key with these settings stands for. */
export function callerWith(name: string, key: KeySettings, teams?: TeamLimits): Caller {
  const { mayOverride, labels, limits, policy } = key;
  const team = key.team ?? labels['team'];
  const teamLimits = team === undefined ? undefined : teams?.get(team);
  const only = given(key, ['models', 'upstreams', 'routes', 'residency']);
  return {
    name,
    mayOverride,
    labels: team === undefined ? labels : { ...labels, team },
    ...(team === undefined ? {} : { team }),
    ...(key.account ? { account: true } : {}),
    ...(key.share === undefined ? {} : { sharesWithTeam: true }),
    ...(Object.keys(only).length === 0 ? {} : { only }),
    ...(policy === undefined ? {} : { policy }),
    ...(limits === undefined ? {} : { limits }),
    ...(teamLimits === undefined ? {} : { teamLimits }),
  };
}

function given<Name extends keyof KeySettings>(
  key: KeySettings,
  names: readonly Name[],
): Pick<KeySettings, Name> {
  const found = names.filter((name) => key[name] !== undefined).map((name) => [name, key[name]]);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- members of the key, and no others
  return Object.fromEntries(found) as Pick<KeySettings, Name>;
}
