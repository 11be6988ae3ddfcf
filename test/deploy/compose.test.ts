/** `deploy/compose.yaml` by its schema, and by what it must hold; no container engine runs it here. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DCLinter } from 'dclint';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';

const FILE = 'deploy/compose.yaml';

interface Service {
  readonly image: string;
  readonly build?: { readonly dockerfile: string };
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly network_mode?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly depends_on?:
    | readonly string[]
    | Readonly<Record<string, { readonly condition: string; readonly required?: boolean }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose: Compose = parse(readFileSync(FILE, 'utf8'), { merge: true });
const services = Object.entries(compose.services);
const named = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`There is no service ${name}.`);
  return found;
};

/** How its parts are ordered and quoted is a matter of taste; what is wrong is an error. */
const OFF = [
  'no-quotes-in-volumes',
  'service-dependencies-alphabetical-order',
  'service-keys-order',
  'services-alphabetical-order',
  'top-level-properties-order',
];

interface Finding {
  readonly line: number;
  readonly message: string;
}

function lint(file: string): readonly string[] {
  const rules = Object.fromEntries(OFF.map((rule) => [rule, 0 as const]));
  const linter = new DCLinter({ rules, quiet: false, debug: false, exclude: [] });
  const results: readonly { readonly messages: readonly Finding[] }[] = linter.lintFiles(
    [file],
    false,
  );
  return results.flatMap(({ messages }) =>
    messages.map(({ line, message }) => `${line}: ${message}`),
  );
}

test('is a compose file without a mistake, by its schema', () => {
  expect(lint(FILE)).toEqual([]);
});

describe.each(services)('%s', (_name, service) => {
  test('is of a fixed version, or built here', () => {
    if (service.build === undefined)
      expect(service.image).toMatch(/^[\w.-]+\/[\w./-]+:[\w-]*[vb]?\d[\d.]*$/);
    else expect(existsSync(join('deploy/..', service.build.dockerfile))).toBe(true);
  });

  test('publishes ports on loopback only, and shares no network of the host', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(service.network_mode).not.toBe('host');
  });

  test('mounts volumes that are declared, and files that are there, to read', () => {
    for (const volume of service.volumes ?? []) {
      const [from = '', , mode] = volume.split(':');
      if (!from.startsWith('.')) expect(Object.keys(compose.volumes)).toContain(from);
      else expect([existsSync(join('deploy', from)), mode], volume).toEqual([true, 'ro']);
    }
  });

  test('waits for services that are there, by a condition that they can meet', () => {
    const waits = service.depends_on ?? {};
    const list: [string, string][] = Array.isArray(waits)
      ? waits.map((name: string) => [name, 'service_started'])
      : Object.entries(waits).map(([name, { condition }]) => [name, condition]);
    for (const [name, condition] of list) {
      const other = named(name);
      if (condition === 'service_healthy') expect(other.healthcheck, name).toBeDefined();
    }
  });

  test('waits for what a profile adds only where the profile is on', () => {
    if (Array.isArray(service.depends_on) || service.profiles !== undefined) return;
    for (const [name, { required }] of Object.entries(service.depends_on ?? {}) as [
      string,
      { required?: boolean },
    ][])
      if (named(name).profiles !== undefined) expect(required, name).toBe(false);
  });
});

const seconds = (text: string): number => Number(/^(\d+)s$/.exec(text)?.[1]);

test('the gateway may finish what is under way before it is killed', () => {
  const shipped = loadConfig({ env: {}, kinds: upstreamKinds });
  // Beside the drain: three seconds for connections that are cut, five for the last rows.
  const needed = shipped.limits.drainMs / 1000 + 8;
  expect(seconds(named('gateway').stop_grace_period ?? '')).toBeGreaterThan(needed);
});

test('nobody is let into Grafana without the password that init made', () => {
  const { environment = {}, volumes = [] } = named('grafana');
  expect(environment['GF_AUTH_ANONYMOUS_ENABLED']).toBe('false');
  const file = environment['GF_SECURITY_ADMIN_PASSWORD__FILE'] ?? '';
  expect(volumes).toContain('grafana-keys:/run/secrets:ro');
  expect(named('init').entrypoint).toContain(`/keys/grafana=${file.replace('/run/secrets/', '')}`);
});

test('Grafana looks for dashboards and Prometheus where they are', () => {
  const provisioned = 'deploy/grafana/provisioning';
  const { providers }: { providers: readonly { options: { path: string } }[] } = parse(
    readFileSync(`${provisioned}/dashboards/smallfirst.yml`, 'utf8'),
  );
  const [{ options }] = providers as readonly [{ options: { path: string } }];
  expect(named('grafana').volumes).toContain(`./grafana/dashboards:${options.path}:ro`);
  const source = readFileSync(`${provisioned}/datasources/prometheus.yml`, 'utf8');
  const [, variable = ''] = /url: \$\{(\w+)\}/.exec(source) ?? [];
  expect(named('grafana').environment?.[variable]).toBe('http://prometheus:9090');
});

test('Prometheus scrapes the gateway as on a machine without containers', () => {
  const alone = readFileSync('deploy/prometheus/prometheus.yml', 'utf8');
  const here = readFileSync('deploy/compose/prometheus.yml', 'utf8');
  const key = '    authorization: { credentials_file: /run/secrets/smallfirst-metrics-key }\n';
  expect(here).toContain(key);
  const settings = (text: string): unknown => parse(text);
  const bare = here.replace('gateway:4100', '127.0.0.1:4100').replace(key, '');
  expect(settings(bare)).toEqual(settings(alone));
  expect(named('prometheus').volumes).toContain('metrics-keys:/run/secrets:ro');
});

describe('init', () => {
  const script = 'deploy/compose/write-keys.mjs';

  function run(at: string, ...more: readonly string[]): string {
    const secrets = (named('init').entrypoint ?? [])
      .filter((word) => word.includes('='))
      .map((word) => word.replace('/keys', at));
    return execFileSync(process.execPath, [script, ...secrets, ...more], {
      encoding: 'utf8',
      env: { GATEWAY_URL: 'http://127.0.0.1:4100', GRAFANA_URL: 'http://127.0.0.1:3000' },
    });
  }

  function folder(): string {
    const made = mkdtempSync(join(tmpdir(), 'smallfirst-init-'));
    onTestFinished(() => rmSync(made, { recursive: true }));
    return made;
  }

  test('makes a key of each kind once, keeps it, and logs none', () => {
    const at = folder();
    const said = run(at);
    const keys = [
      'gateway/smallfirst-admin-key',
      'gateway/smallfirst-app-key',
      'metrics/smallfirst-metrics-key',
      'grafana/grafana-admin-password',
    ];
    const texts = keys.map((key) => readFileSync(join(at, key), 'utf8'));
    expect(new Set(texts).size).toBe(keys.length);
    for (const text of texts) {
      expect(text).toMatch(/^sk-[\w-]{43}$/);
      expect(said).not.toContain(text);
    }
    // Others read them, nobody changes them.
    expect(statSync(join(at, keys[0]!)).mode & 0o777).toBe(0o444);
    expect(said).toContain('http://127.0.0.1:4100/dashboard');
    run(at);
    expect(keys.map((key) => readFileSync(join(at, key), 'utf8'))).toEqual(texts);
    for (const text of texts) expect(run(at, 'show')).toContain(text);
  });

  test('writes the files that the configuration of the image reads', () => {
    const at = folder();
    run(at);
    const shipped = readFileSync('deploy/image/smallfirst.yaml', 'utf8');
    const files = [...shipped.matchAll(/file: \/run\/secrets\/([\w-]+)/g)].map(([, name]) => name!);
    expect(files.toSorted()).toEqual(['smallfirst-admin-key', 'smallfirst-app-key']);
    for (const file of files) expect(existsSync(join(at, 'gateway', file)), file).toBe(true);
    expect(named('gateway').volumes).toContain('gateway-keys:/run/secrets:ro');
  });

  test('writes the key of Prometheus, which is all that compose adds to that configuration', () => {
    const at = folder();
    run(at);
    const here = readFileSync('deploy/compose/smallfirst.yaml', 'utf8');
    const [line = '', file = ''] =
      /^.*role: viewer.*\/run\/metrics\/([\w-]+).*\n/m.exec(here) ?? [];
    expect(existsSync(join(at, 'metrics', file))).toBe(true);
    const shipped = readFileSync('deploy/image/smallfirst.yaml', 'utf8');
    expect(parse(here.replace(line, ''))).toEqual(parse(shipped));
    expect(named('gateway').volumes).toContain('metrics-keys:/run/metrics:ro');
  });

  test('of volumes that cannot be written says so', () => {
    expect(() => run(join(folder(), 'none'))).toThrow(/cannot be written \(ENOENT\)/);
  });
});
