/** Kustomize, Helm and kubeconform themselves on `deploy/kubernetes`, where they can be had. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { baseManifests } from '../../deploy/kubernetes/generate.ts';
import { fetchFolder, fromGo, fromWheel, has } from '../support/fetched-programs.ts';
import type { Manifest } from '../support/manifests.ts';

const FOLDER = 'deploy/kubernetes';
const HELM = 'helm.sh/helm/v3/cmd/helm@v3.18.6';
const KUBECONFORM = 'github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0';
/** Brings the API's schemas, of the version that the types of the other tests have. */
const SCHEMAS = { wheel: 'kubernetes-validate==1.37.0', api: 'v1.33.0-local-strict' };

const fetched = fetchFolder();
afterAll(fetched.remove);

const manifests = (text: string): readonly Manifest[] =>
  parseAllDocuments(text).flatMap((document) => (document.toJS() as Manifest | null) ?? []);

/** By kind and name: the order is each tool's own. */
const sorted = (list: readonly Manifest[]): ReadonlyMap<string, Manifest> =>
  new Map(
    list
      .map((one) => [`${one.kind}/${one.metadata.name}`, one] as const)
      .toSorted(([one], [other]) => one.localeCompare(other)),
  );

const base = sorted(baseManifests().map(({ manifest }) => manifest));

const kubectl = ['kubectl', 'kustomize'].find(has);
if (kubectl === undefined)
  process.stderr.write(
    'SKIPPED: the overlays by Kustomize: neither kubectl nor kustomize is installed\n',
  );
const kustomize = (folder: string): readonly Manifest[] => {
  const program = kubectl ?? '';
  const command = program === 'kubectl' ? 'kustomize' : 'build';
  return manifests(execFileSync(program, [command, join(FOLDER, folder)], { encoding: 'utf8' }));
};

test.skipIf(kubectl === undefined)('Kustomize builds the base as we read it', () => {
  expect(sorted(kustomize('base'))).toEqual(base);
});

test.skipIf(kubectl === undefined)('Kustomize builds the overlays', () => {
  const replicas = sorted(kustomize('overlays/replicas'));
  expect(replicas.get('StatefulSet/smallfirst')).toMatchObject({ spec: { replicas: 2 } });
  expect(replicas.has('HorizontalPodAutoscaler/smallfirst')).toBe(true);
  const vllm = sorted(kustomize('overlays/vllm'));
  expect(JSON.stringify(vllm.get('ConfigMap/smallfirst'))).toContain('http://vllm:8000/v1');
});

test('helm template with its defaults is the base', () => {
  const program = fromGo(HELM, fetched.path);
  if (program === undefined) return;
  // A helm that Go installs does not know which Kubernetes it was made for.
  const options = ['--namespace', 'smallfirst', '--kube-version', '1.33.0'];
  const args = ['template', 'smallfirst', join(FOLDER, 'chart'), ...options];
  const text = execFileSync(program, args, { encoding: 'utf8' });
  const { ...expected } = Object.fromEntries(base);
  // The release's namespace is there already.
  delete expected['Namespace/smallfirst'];
  expect(Object.fromEntries(sorted(manifests(text)))).toEqual(expected);
});

/** Kubeconform reads a schema from a file: references by a site's address are made relative to it. */
function schemaFolder(unpacked: string): string {
  const from = join(unpacked, 'kubernetes_validate/kubernetes-json-schema', SCHEMAS.api);
  const to = join(fetched.path, 'schemas');
  mkdirSync(to);
  for (const file of readdirSync(from)) {
    const { $id: _, ...schema } = JSON.parse(readFileSync(join(from, file), 'utf8'));
    const text = JSON.stringify(schema);
    writeFileSync(join(to, file), text.replaceAll('/api/_definitions.json', '_definitions.json'));
  }
  return to;
}

test('kubeconform finds the base strictly as the API wants it, and would find a misspelt key', () => {
  const program = fromGo(KUBECONFORM, fetched.path);
  const unpacked = program && fromWheel(SCHEMAS.wheel, fetched.path);
  if (program === undefined || unpacked === undefined) return;
  const schemas = join(schemaFolder(unpacked), '{{.ResourceKind}}{{.KindSuffix}}.json');
  const options = ['-strict', '-schema-location', schemas, '-output', 'json', '-summary'];
  // Prometheus's operator brings the schemas of these two; the compiler holds them against its types.
  const args = [...options, '-skip', 'ServiceMonitor,PrometheusRule', '-'];
  const input = [...base.values()].map((one) => JSON.stringify(one)).join('\n---\n');
  const summary = (text: string): unknown =>
    JSON.parse(spawnSync(program, args, { input: text, encoding: 'utf8' }).stdout).summary;
  expect(summary(input)).toEqual({ valid: base.size - 2, invalid: 0, errors: 0, skipped: 2 });
  expect(summary(input.replace('runAsUser', 'runAsUsr'))).toMatchObject({ invalid: 1, errors: 0 });
});
