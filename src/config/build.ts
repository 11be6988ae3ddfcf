/** Builds `Config` from the checked values: secrets wrapped, paths absolute, everything frozen. */
import { resolve } from 'node:path';
import { isPolicyPath } from '../core/policy-path.ts';
import type { StoreSettings } from '../core/store.ts';
import {
  kindOf,
  type Environment,
  type RawUpstream,
  type UpstreamConfig,
  type UpstreamKind,
} from '../core/upstream-kind.ts';
import {
  PHONE_REGIONS,
  phoneRegion,
  regionOfZone,
  type PhoneRegion,
} from '../core/phone-regions.ts';
import { secret, type Secret } from '../lib/secret.ts';
import type { Path } from '../lib/yaml-source.ts';
import type { AuthConfig, Config, UpstreamsConfig } from './config.ts';
import type { RawConfig } from './schema.ts';

interface Parts {
  readonly file: string | undefined;
  readonly baseDir: string;
  readonly env: Environment;
  readonly kinds: readonly UpstreamKind[];
  /** The text of the secret at a path, if there is one. */
  secret(path: Path): string | undefined;
}

export function buildConfig(raw: RawConfig, parts: Parts): Config {
  const { file, baseDir } = parts;
  const redis = wrapped(parts, ['shared', 'redis']);
  return deepFreeze({
    ...raw,
    ...(file === undefined ? {} : { file }),
    baseDir,
    // A socket is bound to an IPv6 address without the brackets it has in a URL.
    server: {
      ...raw.server,
      host: unbracketed(raw.server.host),
      ...(raw.server.tls && { tls: absolutePaths(raw.server.tls, baseDir) }),
    },
    ...(raw.admin && { admin: { ...raw.admin, host: unbracketed(raw.admin.host) } }),
    auth: authOf(raw, parts),
    upstreams: upstreamsOf(raw, parts),
    policy: policyAt(raw.policy, baseDir),
    store: storeOf(raw, parts),
    pii: { phoneRegions: regionsOf(raw) },
    shared: redis === undefined ? {} : { redis },
  });
}

/** Where it does not say: where the machine stands, and where most requests come from. */
function regionsOf({ pii, energy }: RawConfig): readonly PhoneRegion[] {
  if (pii.phoneRegions !== undefined)
    return pii.phoneRegions.map(phoneRegion).filter((region) => region !== undefined);
  const own = regionOfZone(energy.zone);
  return own === undefined ? PHONE_REGIONS : [...new Set([own, ...PHONE_REGIONS])];
}

const absolutePaths = <Paths extends object>(paths: Paths, baseDir: string): Paths => ({
  ...paths,
  ...Object.fromEntries(
    Object.entries(paths).map(([name, path]) => [name, resolve(baseDir, String(path))]),
  ),
});

const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

const policyAt = (policy: string, baseDir: string): string =>
  isPolicyPath(policy) ? resolve(baseDir, policy) : policy;

function wrapped(parts: Parts, path: Path): Secret | undefined {
  const text = parts.secret(path);
  return text === undefined ? undefined : secret(text);
}

/** For secrets whose absence was already reported. */
const required = (parts: Parts, path: Path): Secret => secret(parts.secret(path) ?? '');

function authOf({ auth }: RawConfig, parts: Parts): AuthConfig {
  if (auth.mode === 'open') return auth;
  const adminKey = wrapped(parts, ['auth', 'adminKey']);
  const viewerKey = wrapped(parts, ['auth', 'viewerKey']);
  return {
    mode: 'keys',
    teams: auth.teams,
    ...(adminKey === undefined ? {} : { adminKey }),
    ...(viewerKey === undefined ? {} : { viewerKey }),
    keys: auth.keys.map((key, index) => ({
      ...key,
      ...(key.policy === undefined ? {} : { policy: policyAt(key.policy, parts.baseDir) }),
      key: required(parts, ['auth', 'keys', index, 'key']),
    })),
  };
}

function storeOf({ store }: RawConfig, parts: Parts): StoreSettings {
  switch (store.kind) {
    case 'sqlite': {
      const { spill, path, ...rest } = store;
      const spilling = spill === undefined ? {} : { spill: resolve(parts.baseDir, spill) };
      return { ...rest, path: resolve(parts.baseDir, path), ...spilling };
    }
    case 'postgres': {
      const { outbox, ...rest } = store;
      const url = required(parts, ['store', 'url']);
      return outbox === 'none'
        ? { ...rest, url }
        : { ...rest, url, outbox: resolve(parts.baseDir, outbox) };
    }
    case 'memory':
      return store;
  }
}

function upstreamsOf({ upstreams }: RawConfig, parts: Parts): UpstreamsConfig {
  if (upstreams !== undefined)
    return {
      kind: 'configured',
      list: upstreams.map((raw, index) => upstreamOf(raw, index, parts)),
    };
  const clouds = parts.kinds.map((kind) => kind.fromEnvironment?.(parts.env).cloud);
  const cloud = clouds.find((each) => each !== undefined);
  return { kind: 'auto', local: 'detect', ...(cloud === undefined ? {} : { cloud }) };
}

function upstreamOf(raw: RawUpstream, index: number, parts: Parts): UpstreamConfig {
  return kindOf(parts.kinds, raw).resolve(raw, {
    baseDir: parts.baseDir,
    secret: (member, name) => wrapped(parts, ['upstreams', index, member, ...(name ? [name] : [])]),
  });
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const below of Object.values(value)) deepFreeze(below);
  return Object.freeze(value);
}
