/** The checked shape → `Config`: secrets wrapped, paths absolute, everything frozen. */
import { resolve } from 'node:path';
import { secret, type Secret } from '../lib/secret.ts';
import type { Path } from '../lib/yaml-source.ts';
import { isModelFile } from './checks.ts';
import type {
  AuthConfig,
  Config,
  OpenAiUpstreamConfig,
  StoreConfig,
  UpstreamConfig,
  UpstreamsConfig,
} from './config.ts';
import type { RawConfig } from './schema.ts';
import type { Environment } from './substitute.ts';

interface Parts {
  readonly file: string | undefined;
  readonly baseDir: string;
  readonly env: Environment;
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
    // An IPv6 address is listened on without the brackets that it has in a URL.
    server: { ...raw.server, host: raw.server.host.replace(/^\[(.*)\]$/, '$1') },
    auth: authOf(raw, parts),
    upstreams: upstreamsOf(raw, parts),
    policy: isPath(raw.policy) ? resolve(baseDir, raw.policy) : raw.policy,
    store: storeOf(raw, parts),
    shared: redis === undefined ? {} : { redis },
  });
}

/** A policy is a path where it looks like one, else the name of a shipped policy. */
const isPath = (policy: string): boolean => /[/\\]|\.(ya?ml|json)$/.test(policy);

function wrapped(parts: Parts, path: Path): Secret | undefined {
  const text = parts.secret(path);
  return text === undefined ? undefined : secret(text);
}

/** For secrets whose absence was a problem before. */
const required = (parts: Parts, path: Path): Secret => secret(parts.secret(path) ?? '');

function authOf({ auth }: RawConfig, parts: Parts): AuthConfig {
  if (auth.mode === 'open') return auth;
  const adminKey = wrapped(parts, ['auth', 'adminKey']);
  return {
    mode: 'keys',
    ...(adminKey === undefined ? {} : { adminKey }),
    keys: auth.keys.map(({ name, labels, mayOverride }, index) => ({
      name,
      key: required(parts, ['auth', 'keys', index, 'key']),
      labels,
      mayOverride,
    })),
  };
}

function storeOf({ store }: RawConfig, parts: Parts): StoreConfig {
  switch (store.kind) {
    case 'sqlite':
      return { kind: 'sqlite', path: resolve(parts.baseDir, store.path) };
    case 'postgres':
      return { kind: 'postgres', url: required(parts, ['store', 'url']) };
    case 'memory':
      return store;
  }
}

function upstreamsOf({ upstreams }: RawConfig, parts: Parts): UpstreamsConfig {
  if (upstreams !== undefined) {
    const list = upstreams.map((upstream, index) => upstreamOf(upstream, index, parts));
    return { kind: 'configured', list };
  }
  const cloud = cloudOf(parts.env);
  return { kind: 'auto', local: 'detect', ...(cloud === undefined ? {} : { cloud }) };
}

type RawUpstream = NonNullable<RawConfig['upstreams']>[number];

function upstreamOf(raw: RawUpstream, index: number, parts: Parts): UpstreamConfig {
  if (raw.kind === 'llama-cpp')
    return {
      ...raw,
      model: isModelFile(raw.model) ? resolve(parts.baseDir, raw.model) : raw.model,
    };
  const { apiKey: _, ...rest } = raw;
  const apiKey = wrapped(parts, ['upstreams', index, 'apiKey']);
  return {
    ...rest,
    url: withoutSlash(raw.url),
    models: raw.models ?? [],
    timeouts: raw.timeouts ?? {},
    ...(apiKey === undefined ? {} : { apiKey }),
  };
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

const OPENAI_URL = 'https://api.openai.com/v1';
const DEFAULT_LARGE_MODEL = 'gpt-4o';

/** With no upstreams configured, OpenAI's own variables are what names a cloud. */
function cloudOf(env: Environment): OpenAiUpstreamConfig | undefined {
  const key = env['OPENAI_API_KEY'];
  if (!key) return undefined;
  return {
    kind: 'openai',
    name: 'cloud',
    locality: 'cloud',
    url: withoutSlash(env['OPENAI_BASE_URL'] || OPENAI_URL),
    model: DEFAULT_LARGE_MODEL,
    models: [],
    apiKey: secret(key),
    timeouts: {},
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const below of Object.values(value)) deepFreeze(below);
  return Object.freeze(value);
}
