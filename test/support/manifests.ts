/** Kubernetes manifests: read, and held against the types of the API, in which a key that is not known is a mistake. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { parseAllDocuments } from 'yaml';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** The manifests below a folder, with their files; no kustomizations and no patches. */
export function manifestsIn(folder: string): readonly (readonly [string, Manifest])[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml') && !file.startsWith('chart'))
    .toSorted()
    .flatMap((file) =>
      parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => {
        const manifest: Manifest = document.toJS({ maxAliasCount: -1 });
        return [file, manifest] as const;
      }),
    )
    .filter(([, { kind }]) => kind !== undefined && kind !== 'Kustomization');
}

/** The package that has the types of an API group. */
export const typesOf = ({ apiVersion }: Pick<Manifest, 'apiVersion'>): string =>
  apiVersion.startsWith('monitoring.coreos.com/')
    ? `@kubernetes-models/prometheus-operator/${apiVersion}`
    : `kubernetes-models/${apiVersion}`;

/**
 * What the API does not know in these manifests: each is an object literal for the compiler, which refuses what its type has not.
 * One line a mistake.
 */
export function unknownKeys(manifests: readonly Manifest[]): readonly string[] {
  const lines = manifests.map(
    (manifest, at) =>
      `export const m${at}: import(${JSON.stringify(typesOf(manifest))}).I${manifest.kind} = ${JSON.stringify(manifest)};`,
  );
  const file = resolve('manifests-of-this-test.ts');
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2024,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const source = ts.createSourceFile(file, lines.join('\n'), ts.ScriptTarget.ES2024, true);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, ...more) =>
    name === file ? source : getSourceFile.call(host, name, ...more);
  host.fileExists = (name) => name === file || fileExists.call(host, name);
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program, source).map(({ messageText, start = 0 }) => {
    const { line } = source.getLineAndCharacterOfPosition(start);
    const { kind, metadata } = manifests[line] ?? { kind: '?', metadata: { name: '?' } };
    return `${kind} ${metadata.name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}
