/** The manifests of `deploy/kubernetes`, by the types of the API and by what they must hold; no cluster runs them here. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { generated } from '../../deploy/kubernetes/generate.ts';
import { loadConfig } from '../../src/config/load.ts';
import { METRICS } from '../../src/telemetry/metric-definitions.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';
import { MAIN } from '../support/gateway-process.ts';
import { manifestsIn, typesOf, unknownKeys, type Manifest } from '../support/manifests.ts';

const FOLDER = 'deploy/kubernetes';
const all = manifestsIn(FOLDER);
/** A patch has a part of a manifest: the compiler and the models would miss the rest. */
const PATCHES = new Set([
  'overlays/replicas/statefulset.yaml',
  'overlays/replicas/network-policy.yaml',
]);
const whole = all.filter(([file]) => !PATCHES.has(file));

interface Model {
  validate(): void;
}

test('are valid by the models of the API', async () => {
  for (const [file, manifest] of whole) {
    const models: Record<string, new (data: Manifest) => Model> = await import(typesOf(manifest));
    const Kind = models[manifest.kind];
    if (Kind === undefined) throw new Error(`${file}: there is no ${manifest.kind}`);
    expect(() => new Kind(manifest).validate(), file).not.toThrow();
  }
});

test('have no key that the API does not know', () => {
  expect(unknownKeys(whole.map(([, manifest]) => manifest))).toEqual([]);
});

test('a key that is misspelt, deep down, would be found', () => {
  const text = readFileSync(`${FOLDER}/base/statefulset.yaml`, 'utf8');
  const wrong: Manifest = parse(text.replace('readOnlyRootFilesystem', 'readonlyRootFilesystem'));
  expect(unknownKeys([wrong]).join()).toMatch(/'"readonlyRootFilesystem"' does not exist/);
});

/** Its members are whatever they are: `unknownKeys` and the models have looked at them. */
const named = (kind: string, name = 'smallfirst') =>
  JSON.parse(
    JSON.stringify(
      whole.find(([, one]) => one.kind === kind && one.metadata.name === name)?.[1] ?? null,
    ),
  );

const pod = named('StatefulSet').spec.template.spec;
const [gateway] = pod.containers;
const shipped = loadConfig({ env: {}, kinds: upstreamKinds });

test('probes are routes of the gateway, on its port, and being alive is not being ready', () => {
  const routes = readFileSync('src/http/app.ts', 'utf8');
  const probes = [gateway.startupProbe, gateway.livenessProbe, gateway.readinessProbe];
  for (const { httpGet } of probes) {
    expect(routes).toContain(`app.get('${httpGet.path}'`);
    expect(httpGet.port).toBe('http');
  }
  expect(gateway.livenessProbe.httpGet.path).not.toBe(gateway.readinessProbe.httpGet.path);
  expect(gateway.ports).toEqual([{ name: 'http', containerPort: shipped.server.port }]);
});

test('a pod may finish what is under way before it is killed', () => {
  const sleep = gateway.lifecycle.preStop.sleep.seconds;
  const needed = sleep + shipped.limits.drainMs / 1000 + 8;
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(needed);
});

test.each([
  ['the gateway', () => pod],
  ['vLLM', () => named('Deployment', 'vllm').spec.template.spec],
])('%s keeps to the restricted pod security standard', (_name, spec) => {
  const { securityContext, containers } = spec();
  expect(securityContext).toMatchObject({
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  for (const { securityContext: own } of containers)
    expect(own).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
});

test('the autoscaler asks for a metric that is exported, and the adapter has a rule for it', () => {
  const [{ pods }] = named('HorizontalPodAutoscaler').spec.metrics;
  const names = Object.values(METRICS).map(({ name }) => name);
  expect(names).toContain(pods.metric.name);
  const rule = named('ConfigMap', 'smallfirst-adapter-rule').data['rules.yaml'];
  expect(parse(rule).rules[0].seriesQuery).toContain(pods.metric.name);
});

test('out go names, the small model and 443, and nothing else', () => {
  const { policyTypes, egress } = named('NetworkPolicy').spec;
  expect(policyTypes).toContain('Egress');
  const ports = egress.map((one: { ports?: readonly { port: number }[] }) =>
    one.ports?.map(({ port }) => port),
  );
  expect(ports).toEqual([[53, 53], undefined, [443]]);
  const vllm = named('Deployment', 'vllm').spec.template.metadata.labels;
  expect(vllm).toMatchObject(egress[1].to[0].podSelector.matchLabels);
});

describe.each(whole.filter(([, { data }]) => data?.['smallfirst.yaml'] !== undefined))(
  'the configuration of %s',
  (_file, { data }) => {
    test('passes `smallfirst check`, with the policy', () => {
      const folder = mkdtempSync(join(tmpdir(), 'smallfirst-k8s-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      for (const path of ['keys', 'policy']) mkdirSync(join(folder, path));
      for (const key of ['admin-key', 'app-key'])
        writeFileSync(join(folder, 'keys', key), `${key}-of-the-test-0123456789`);
      const policy = named('ConfigMap', 'smallfirst-policy').data['policy.yaml'];
      writeFileSync(join(folder, 'policy/policy.yaml'), policy);
      const text = data!['smallfirst.yaml']!;
      const file = join(folder, 'smallfirst.yaml');
      writeFileSync(file, text.replaceAll('/etc/smallfirst', folder));
      const env = {
        ...process.env,
        OPENAI_API_KEY: 'sk-x',
        DATABASE_URL: 'postgres://db/smallfirst',
        SMALLFIRST_REDIS_URL: 'redis://r',
      };
      const said = execFileSync(process.execPath, [MAIN, 'check', '--config', file], {
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      expect(said).not.toBe('');
    });
  },
);

test('what is generated is as it is written (if not: node deploy/kubernetes/generate.ts)', () => {
  for (const [file, text] of Object.entries(generated()))
    expect(readFileSync(join(FOLDER, file), 'utf8'), file).toBe(text);
});
