/** `deploy/replicas/`: two gateways over one Postgres and one Redis; no container engine runs it here. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DCLinter } from 'dclint';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';

const FOLDER = 'deploy/replicas';
const FILE = join(FOLDER, 'compose.yaml');

interface Service {
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
}

const { services }: { services: Readonly<Record<string, Service>> } = parse(
  readFileSync(FILE, 'utf8'),
  { merge: true },
);
const gateways = ['gateway-1', 'gateway-2'];

test('is a compose file without a mistake, by its schema', () => {
  const rules = {
    'no-quotes-in-volumes': 0,
    'service-dependencies-alphabetical-order': 0,
    'service-keys-order': 0,
    'services-alphabetical-order': 0,
    'top-level-properties-order': 0,
  } as const;
  const linter = new DCLinter({ rules, quiet: false, debug: false, exclude: [] });
  const results: readonly { readonly messages: readonly { readonly message: string }[] }[] =
    linter.lintFiles([FILE], false);
  expect(results.flatMap(({ messages }) => messages.map(({ message }) => message))).toEqual([]);
});

test('each gateway has an outbox of its own, and all share the rest', () => {
  const volumes = gateways.map((name) => services[name]?.volumes ?? []);
  const data = volumes.map((of) => of.find((volume) => volume.endsWith(':/data')));
  expect(new Set(data).size).toBe(2);
  const urls = gateways.map((name) => services[name]?.environment?.['DATABASE_URL']);
  expect(new Set(urls).size).toBe(1);
  for (const volume of volumes.flat()) {
    const [from = ''] = volume.split(':');
    if (from.startsWith('.')) expect(existsSync(join(FOLDER, from))).toBe(true);
  }
});

test('the proxy asks every gateway, and is the only way in', () => {
  const nginx = readFileSync(join(FOLDER, 'nginx.conf'), 'utf8');
  for (const name of gateways) expect(nginx).toContain(`server ${name}:4100;`);
  const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
  expect(published.map(([name]) => name)).toEqual(['proxy']);
  expect(services['proxy']?.ports).toEqual(['127.0.0.1:${GATEWAY_PORT:-4100}:8080']);
});

test('the configuration is one, with the variables that compose sets', () => {
  const given = services['gateway-1']?.environment ?? {};
  const env = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      value
        .replaceAll(/\$\{\w+:-\}/g, '')
        .replaceAll(/\$\{\w+:\?[^}]*\}/g, 'a-secret-of-the-test-0001'),
    ]),
  );
  const config = loadConfig({ file: join(FOLDER, 'smallfirst.yaml'), env, kinds: upstreamKinds });
  expect(config.store).toMatchObject({ kind: 'postgres', outbox: '/data/outbox.db' });
  expect(config.shared.redis?.reveal()).toBe('redis://valkey:6379');
});
