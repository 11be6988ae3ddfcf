/** Defaults < `smallfirst.yaml` < environment → one frozen `Config`, or every mistake with its place. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Environment, UpstreamKind } from '../core/upstream-kind.ts';
import { isObject } from '../lib/json.ts';
import { isLoopback } from '../lib/loopback.ts';
import { own } from '../lib/own.ts';
import { inReadingOrder, ProblemsError, type Problem } from '../lib/problems.ts';
import { parseYaml, type Path, type YamlSource } from '../lib/yaml-source.ts';
import { nameOf, valueAt, zodProblems } from '../lib/zod-problems.ts';
import type { KnownKey } from './known-keys.ts';
import { buildConfig } from './build.ts';
import { semanticProblems } from './checks.ts';
import type { Config } from './config.ts';
import { configJsonSchema, configSchema, type RawConfig } from './schema.ts';
import { readSecret, secretPaths } from './secrets.ts';
import { mayBeSecret } from './upstream-kinds.ts';
import { substituteVariables } from './substitute.ts';

/** A configuration that cannot be used, with all of its mistakes. Holds no secret. */
export class ConfigError extends ProblemsError {
  constructor(problems: readonly Problem[]) {
    super(inReadingOrder(problems));
    this.name = 'ConfigError';
  }
}

interface Sources {
  /** `--config`, or found by `foundConfig`; else `SMALLFIRST_CONFIG`; else no file, and the defaults apply. */
  readonly file?: string | undefined;
  readonly env: Environment;
  /** Base of a relative `file`, and of all paths when there is no file. */
  readonly cwd?: string | undefined;
  /** The catalogue's names, to check those of the configuration; undefined: not checked. */
  readonly models?: readonly string[] | undefined;
  /** Names of the policies that ship, likewise. */
  readonly policies?: readonly string[] | undefined;
  /** The kinds of upstream that may be configured. */
  readonly kinds: readonly UpstreamKind[];
  /** `waived`: what callers and upstreams are asked with may be missing, for commands that ask nobody. What the store needs may not. */
  readonly secrets?: 'wanted' | 'waived';
  /** The keys that commands made; undefined: there are none. `store.path` is absolute. */
  readonly storedKeys?: ((store: { readonly path: string }) => readonly KnownKey[]) | undefined;
}

/**
 * Reads and checks the whole configuration, secret files included. Starts nothing.
 * @throws ConfigError with every mistake found.
 */
export function loadConfig(sources: Sources): Config {
  const { file: named, env, cwd = '.', models, policies, kinds, secrets: demand } = sources;
  const isWaived = (path: Path): boolean => demand === 'waived' && isOfCallsOut(path, kinds);
  const file = named ?? (env['SMALLFIRST_CONFIG'] || undefined);
  const path = file === undefined ? undefined : resolve(cwd, file);
  const baseDir = path === undefined ? resolve(cwd) : dirname(path);
  const { yaml, substituted } = readYaml(path, file ?? 'defaults', { env, isWaived });
  const overrides = environmentOverrides(env, kinds);
  const value = overridden(yaml.value, overrides.server);
  const shape = checkShape(configSchema(kinds), value, substituted);
  const host = hostOf(value);
  const secrets = readSecrets({ yaml, baseDir, kinds, substituted, host, isWaived });
  const storedKeys = (): readonly KnownKey[] | undefined =>
    shape.success ? keysBeside(shape.data, baseDir, sources) : [];
  const problems = [
    ...yaml.problems,
    ...overrides.problems,
    ...(shape.success ? [] : zodProblems(shape.error.issues, yaml, configJsonSchema(kinds))),
    ...secrets.problems,
    ...semanticProblems(yaml, { host, baseDir, models, policies, kinds, storedKeys }),
  ];
  if (!shape.success || problems.length > 0) throw new ConfigError(onePerPlace(problems));
  return buildConfig(shape.data, { file: path, baseDir, env, kinds, secret: secrets.of });
}

/** Keys of the store that the configuration names; undefined where it is no file. */
function keysBeside(
  { store }: RawConfig,
  baseDir: string,
  { storedKeys }: Sources,
): readonly KnownKey[] | undefined {
  if (store.kind === 'postgres') return undefined;
  if (store.kind !== 'sqlite') return [];
  return storedKeys?.({ path: resolve(baseDir, store.path) }) ?? [];
}

const keyOf = (path: Path): string => nameOf(path);

interface Read {
  readonly yaml: YamlSource;
  /** Paths whose text came at least partly from the environment. */
  readonly substituted: ReadonlySet<string>;
}

/** Keys of callers, and what upstreams are asked with: a place of the file, or of what stands in it. */
function isOfCallsOut([first, second, third]: Path, kinds: readonly UpstreamKind[]): boolean {
  if (first === 'auth') return second === 'keys' || second === 'adminKey' || second === 'viewerKey';
  return first === 'upstreams' && mayBeSecret(kinds, third);
}

interface Substitution {
  readonly env: Environment;
  isWaived(path: Path): boolean;
}

function readYaml(path: string | undefined, file: string, { env, isWaived }: Substitution): Read {
  const substituted = new Set<string>();
  const text = path === undefined ? '{}' : readText(path, file);
  try {
    const yaml = parseYaml(text, file, {
      substitute(written, place) {
        const result = substituteVariables(written, env);
        if (result.ok && !result.changed) return written;
        substituted.add(keyOf(place.path));
        if (result.ok) return result.text;
        if (isWaived(place.path)) return NOT_AT_HAND;
        place.problem(result.message);
        return '';
      },
    });
    return { yaml: yaml.value === null ? { ...yaml, value: {} } : yaml, substituted };
  } catch (error) {
    throw error instanceof ProblemsError ? new ConfigError(error.problems) : error;
  }
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'this user may not read it',
};

function readText(path: string, file: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const why = own(UNREADABLE, code) ?? `it cannot be read (${code})`;
    const message = `${why}; give the configuration with --config FILE or SMALLFIRST_CONFIG, or neither for the defaults`;
    throw new ConfigError([{ file, line: 0, column: 0, message }]);
  }
}

interface Overrides {
  readonly server: Readonly<Record<string, string | number>>;
  readonly problems: readonly Problem[];
}

function environmentOverrides(env: Environment, kinds: readonly UpstreamKind[]): Overrides {
  const host = env['SMALLFIRST_HOST'];
  const port = env['SMALLFIRST_PORT'];
  const server: Record<string, string | number> = {};
  const problems: Problem[] = [];
  if (host) server['host'] = host;
  if (port && /^\d{1,5}$/.test(port) && Number(port) <= 65_535) server['port'] = Number(port);
  else if (port)
    problems.push(variableProblem('SMALLFIRST_PORT', 'must be a port from 0 to 65535'));
  for (const kind of kinds)
    for (const { variable, message } of kind.fromEnvironment?.(env).problems ?? [])
      problems.push(variableProblem(variable, message));
  return { server, problems };
}

const variableProblem = (name: string, message: string): Problem => ({
  file: `${name} (environment)`,
  line: 0,
  column: 0,
  message,
});

function overridden(value: unknown, server: Overrides['server']): unknown {
  if (!isObject(value) || Object.keys(server).length === 0) return value;
  const written = value['server'] ?? {};
  return isObject(written) ? { ...value, server: { ...written, ...server } } : value;
}

function hostOf(value: unknown): string {
  const host = valueAt(value, ['server', 'host']);
  return typeof host === 'string' ? host : '127.0.0.1';
}

/**
 * Variables are texts, but `port: ${PORT}` means a number. Only values from the environment are
 * converted, and only if the schema wants it: a key made of digits stays text.
 */
function checkShape(
  schema: ReturnType<typeof configSchema>,
  value: unknown,
  substituted: ReadonlySet<string>,
) {
  const first = schema.safeParse(value);
  if (first.success) return first;
  const converted = structuredClone(value);
  for (const issue of first.error.issues) {
    if (issue.code !== 'invalid_type' || !substituted.has(keyOf(issue.path))) continue;
    convert(converted, issue.path, issue.expected);
  }
  return schema.safeParse(converted);
}

function convert(value: unknown, path: Path, expected: string): void {
  const parent = valueAt(value, path.slice(0, -1));
  const last = path.at(-1);
  const text = valueAt(value, path);
  if (typeof parent !== 'object' || parent === null || last === undefined) return;
  if (typeof text !== 'string') return;
  if (expected === 'boolean' && /^(true|false)$/.test(text))
    Reflect.set(parent, last, text === 'true');
  if (/^(number|int)$/.test(expected) && /^-?\d+(\.\d+)?$/.test(text))
    Reflect.set(parent, last, Number(text));
}

/** In place of a secret that a command does not need. */
const NOT_AT_HAND = 'not-at-hand';

interface SecretSources extends Read {
  isWaived(path: Path): boolean;
  readonly baseDir: string;
  readonly host: string;
  readonly kinds: readonly UpstreamKind[];
}

function readSecrets({ yaml, baseDir, kinds, substituted, host, isWaived }: SecretSources) {
  const texts = new Map<string, string>();
  const problems: Problem[] = [];
  const isSubstituted = (path: Path): boolean => substituted.has(keyOf(path));
  const mistakeIn = (path: Path, text: string): string | undefined => {
    if (path[1] === 'redis') return isRedisUrl(text) ? undefined : NO_REDIS_URL;
    if (!isKey(path)) return undefined;
    if (isAmong(texts, text)) return 'another key has the same value; keys must differ';
    return isShort(text) && !isLoopback(host) ? TOO_SHORT : undefined;
  };
  for (const at of secretPaths(yaml.value, kinds)) {
    const result = readSecret(at, { yaml, baseDir, isSubstituted });
    const isMissing = result.ok ? result.text === NOT_AT_HAND : result.isAbsent;
    // Each its own: keys must differ.
    if (isMissing && isWaived(at.path))
      texts.set(keyOf(at.path), `${NOT_AT_HAND}-${keyOf(at.path)}`);
    else if (!result.ok) problems.push(result.problem);
    else if (result.text === undefined) continue;
    else {
      const mistake = mistakeIn(at.path, result.text);
      if (mistake === undefined) texts.set(keyOf(at.path), result.text);
      else problems.push(yaml.problem(at.path, mistake));
    }
  }
  return { problems, of: (path: Path): string | undefined => texts.get(keyOf(path)) };
}

/** Guessed in minutes at what one gateway answers in a second; only whoever is on this machine could try. */
export const isShort = (key: string): boolean => key.length < SHORTEST_KEY;
const SHORTEST_KEY = 16;
const TOO_SHORT = `has fewer than ${SHORTEST_KEY} characters, which others than this machine could guess; \`smallfirst keys create NAME\` makes a good one, or \`openssl rand -hex 32\``;

const NO_REDIS_URL =
  '`shared.redis` must be a URL such as `redis://host:6379` or, with TLS, `rediss://user:password@host:6379/0`';

function isRedisUrl(text: string): boolean {
  const { protocol, hostname } = URL.parse(text) ?? {};
  return (protocol === 'redis:' || protocol === 'rediss:') && hostname !== '';
}

const isKey = (path: Path): boolean => path[0] === 'auth';

/** The key alone identifies the caller and whether it may administer. */
const isAmong = (texts: ReadonlyMap<string, string>, text: string): boolean =>
  [...texts].some(([path, other]) => path.startsWith('auth.') && other === text);

/** Keeps the first problem of each place: a failed substitution is also empty, of the wrong shape, …. */
function onePerPlace(problems: readonly Problem[]): readonly Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ file, line, column, message }) => {
    const key =
      line === 0 || message.startsWith('unknown key') ? message : `${file}:${line}:${column}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
