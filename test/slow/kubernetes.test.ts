/** Kustomize and Helm themselves on `deploy/kubernetes`, where they can be had: kubectl brings the one, Go's modules the other. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { baseManifests } from '../../deploy/kubernetes/generate.ts';
import type { Manifest } from '../support/manifests.ts';

const FOLDER = 'deploy/kubernetes';
const HELM = 'helm.sh/helm/v3/cmd/helm@v3.18.6';

const has = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
const skip = (what: string, why: string): undefined =>
  void process.stderr.write(`SKIPPED: ${what}: ${why}\n`);

const bin = mkdtempSync(join(tmpdir(), 'smallfirst-helm-'));
afterAll(() => rmSync(bin, { recursive: true, force: true }));

/** On the PATH, else built from Go's modules. */
function helm(): string | undefined {
  if (has('helm')) return 'helm';
  if (!has('go')) return skip('the chart by Helm', 'neither helm nor go is installed');
  const built = spawnSync('go', ['install', HELM], { env: { ...process.env, GOBIN: bin } });
  return built.status === 0
    ? join(bin, 'helm')
    : skip(
        'the chart by Helm',
        `go install ${HELM} failed (${built.stderr.toString().slice(0, 200)})`,
      );
}

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

const kubectl = has('kubectl') || has('kustomize');
if (!kubectl) skip('the overlays by Kustomize', 'neither kubectl nor kustomize is installed');
const kustomize = (folder: string): readonly Manifest[] => {
  const [program, command] = has('kubectl')
    ? (['kubectl', 'kustomize'] as const)
    : (['kustomize', 'build'] as const);
  return manifests(execFileSync(program, [command, join(FOLDER, folder)], { encoding: 'utf8' }));
};

test.skipIf(!kubectl)('Kustomize builds the base as we read it', () => {
  expect(sorted(kustomize('base'))).toEqual(base);
});

test.skipIf(!kubectl)('Kustomize builds the overlays', () => {
  const replicas = sorted(kustomize('overlays/replicas'));
  expect(replicas.get('StatefulSet/smallfirst')).toMatchObject({ spec: { replicas: 2 } });
  expect(replicas.has('HorizontalPodAutoscaler/smallfirst')).toBe(true);
  const vllm = sorted(kustomize('overlays/vllm'));
  expect(JSON.stringify(vllm.get('ConfigMap/smallfirst'))).toContain('http://vllm:8000/v1');
});

test('helm template with its defaults is the base', () => {
  const program = helm();
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
