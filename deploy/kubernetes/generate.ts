/**
 * `node deploy/kubernetes/generate.ts` writes what other files here are made of: the base's `PrometheusRule`, of `prometheus/rules.yml`, and the Helm
 * chart, of the base. A test compares the files with the output.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Document, isScalar, parse, parseAllDocuments, stringify, visit } from 'yaml';

const HERE = import.meta.dirname;
const BASE = join(HERE, 'base');
const read = (...path: readonly string[]): string => readFileSync(join(HERE, ...path), 'utf8');

interface Kustomization {
  readonly namespace: string;
  readonly labels: readonly { readonly pairs: Readonly<Record<string, string>> }[];
  readonly resources: readonly string[];
}

interface Manifest {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
}

function prometheusRule(): string {
  const { groups }: { groups: unknown } = parse(read('../prometheus/rules.yml'));
  const rule = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'smallfirst' },
    spec: { groups },
  };
  return `# Written by \`node deploy/kubernetes/generate.ts\`, of prometheus/rules.yml.\n${stringify(rule, { lineWidth: 0 })}`;
}

/** The base as Kustomize builds it: each manifest with its namespace and the common labels. */
export function baseManifests(): readonly { readonly file: string; readonly manifest: Manifest }[] {
  const { namespace, labels, resources }: Kustomization = parse(read('base/kustomization.yaml'));
  const common = Object.assign({}, ...labels.map(({ pairs }) => pairs));
  return resources.flatMap((file) => {
    const text =
      file === 'prometheus-rule.yaml' ? prometheusRule() : readFileSync(join(BASE, file), 'utf8');
    return parseAllDocuments(text).map((document) => {
      const written: Manifest = document.toJS();
      const own = written.kind === 'Namespace' ? {} : { namespace };
      const metadata = {
        ...written.metadata,
        ...own,
        labels: { ...written.metadata.labels, ...common },
      };
      return { file, manifest: { ...written, metadata } };
    });
  });
}

/** What a user of the chart may set, and where it stands in the base. */
const VALUES = {
  image: { repository: 'smallfirst', tag: 'local' },
  replicas: 1,
  storage: '10Gi',
  resources: { requests: { cpu: '500m', memory: '512Mi' }, limits: { memory: '4Gi' } },
  keysSecret: 'smallfirst-keys',
  monitoring: true,
  config: '',
  policy: '',
};

/** `config` and `policy` are whole files: as defaults they are those of the base. */
function valuesYaml(texts: { readonly config: string; readonly policy: string }): string {
  const head = `# Written by \`node deploy/kubernetes/generate.ts\`. With these values the chart is the Kustomize base.
# keysSecret: a secret with admin-key, app-key and, for a cloud, openai-api-key.
# monitoring: ServiceMonitor and PrometheusRule, which need the Prometheus operator.
# config, policy: smallfirst.yaml and the policy, whole.\n`;
  return head + stringify({ ...VALUES, ...texts }, { lineWidth: 0 });
}

/** A template is the manifest as YAML, with `{{ … }}` where a value stands, and every other brace of the text escaped. */
function template(manifest: Manifest): string {
  const marked = new Map<string, string>();
  const mark = (expression: string): string => {
    const name = `VALUE-${marked.size}-`;
    marked.set(name, expression);
    return name;
  };
  const document = new Document(manifest, { aliasDuplicateObjects: false });
  setValues(document, manifest, mark);
  let text = document.toString({ lineWidth: 0 });
  text = text.replaceAll(/\{\{|\}\}/g, (braces) => `{{ "${braces}" }}`);
  for (const [name, expression] of marked) text = text.replace(name, () => `{{ ${expression} }}`);
  return text;
}

const POD = ['spec', 'template', 'spec'];
const CONTAINER = [...POD, 'containers', 0];

/** Where a value of the chart stands in a StatefulSet, and what it is there. */
const IN_STATEFULSET: readonly (readonly [readonly (string | number)[], string])[] = [
  [['spec', 'replicas'], '.Values.replicas'],
  [[...CONTAINER, 'image'], 'printf "%s:%s" .Values.image.repository .Values.image.tag'],
  [[...CONTAINER, 'resources'], 'toYaml .Values.resources | nindent 12'],
  [
    ['spec', 'volumeClaimTemplates', 0, 'spec', 'resources', 'requests', 'storage'],
    '.Values.storage',
  ],
];

function setValues(
  document: Document,
  manifest: Manifest,
  mark: (expression: string) => string,
): void {
  if (document.hasIn(['metadata', 'namespace']))
    document.setIn(['metadata', 'namespace'], mark('.Release.Namespace'));
  for (const [file, value] of [
    ['smallfirst.yaml', 'config'],
    ['policy.yaml', 'policy'],
  ])
    if (document.hasIn(['data', file]))
      document.set('data', mark(`toYaml (dict "${file}" .Values.${value}) | nindent 2`));
  if (manifest.kind !== 'StatefulSet') return;
  for (const [path, expression] of IN_STATEFULSET) document.setIn(path, mark(expression));
  // Wherever the secret is named: in the environment and as a volume.
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || !isScalar(value) || value.value !== VALUES.keysSecret) return;
      value.value = mark('.Values.keysSecret');
    },
  });
}

const MONITORING = new Set(['ServiceMonitor', 'PrometheusRule']);

/** Path below this folder to content. */
export function generated(): Readonly<Record<string, string>> {
  const { version }: { version: string } = JSON.parse(read('../../package.json'));
  const chart = {
    apiVersion: 'v2',
    name: 'smallfirst',
    description:
      'OpenAI-compatible gateway: easy requests to a small model, hard ones to the cloud',
    type: 'application',
    version,
    appVersion: version,
    kubeVersion: '>=1.30.0-0',
  };
  const manifests = baseManifests();
  const texts = { config: '', policy: '' };
  const templates = new Map<string, string[]>();
  for (const { file, manifest } of manifests) {
    // The release's namespace is Helm's.
    if (manifest.kind === 'Namespace') continue;
    const { data } = manifest;
    texts.config ||= data?.['smallfirst.yaml'] ?? '';
    texts.policy ||= data?.['policy.yaml'] ?? '';
    const text = template(manifest);
    const optional = MONITORING.has(manifest.kind);
    const parts = templates.get(file) ?? [];
    templates.set(file, [
      ...parts,
      optional ? `{{- if .Values.monitoring }}\n${text}{{- end }}\n` : text,
    ]);
  }
  return {
    'base/prometheus-rule.yaml': prometheusRule(),
    'chart/Chart.yaml': stringify(chart),
    'chart/values.yaml': valuesYaml(texts),
    ...Object.fromEntries(
      [...templates].map(([file, parts]) => [`chart/templates/${file}`, parts.join('---\n')]),
    ),
  };
}

function main(): void {
  for (const [file, text] of Object.entries(generated())) {
    mkdirSync(dirname(join(HERE, file)), { recursive: true });
    writeFileSync(join(HERE, file), text);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
