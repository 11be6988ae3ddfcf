/** Secrets come from the environment or from their own file, never from the configuration file. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { UpstreamKind } from '../core/upstream-kind.ts';
import { isObject } from '../lib/json.ts';
import type { Problem } from '../lib/problems.ts';
import { nameOf, valueAt } from '../lib/zod-problems.ts';
import type { Path, YamlSource } from '../lib/yaml-source.ts';
import { upstreamSecrets } from './upstream-kinds.ts';

interface SecretSource {
  readonly yaml: YamlSource;
  readonly baseDir: string;
  /** True if the text at this path came from the environment. */
  isSubstituted(path: Path): boolean;
}

interface SecretAt {
  readonly path: Path;
  /** An empty secret counts as none: `${KEY:-}`. */
  readonly optional: boolean;
}

/** The secrets that are present in a configuration. */
export function secretPaths(value: unknown, kinds: readonly UpstreamKind[]): readonly SecretAt[] {
  const listAt = (path: Path): readonly unknown[] => {
    const list = valueAt(value, path);
    return Array.isArray(list) ? list : [];
  };
  return [
    { path: ['auth', 'adminKey'], optional: true },
    { path: ['auth', 'viewerKey'], optional: true },
    { path: ['store', 'url'], optional: false },
    { path: ['shared', 'redis'], optional: true },
    ...listAt(['auth', 'keys']).map((_, index) => ({
      path: ['auth', 'keys', index, 'key'],
      optional: false,
    })),
    ...listAt(['upstreams']).flatMap((written, index) =>
      upstreamSecrets(kinds, written).map(({ member, optional }) => ({
        path: ['upstreams', index, member],
        optional,
      })),
    ),
    ...listAt(['upstreams']).flatMap((written, index) =>
      teamsIn(written).map((team) => ({
        path: ['upstreams', index, 'apiKeys', team],
        optional: true,
      })),
    ),
  ].filter(({ path }) => valueAt(value, path) !== undefined);
}

function teamsIn(written: unknown): readonly string[] {
  const keys = isObject(written) ? written['apiKeys'] : undefined;
  return isObject(keys) ? Object.keys(keys) : [];
}

export type SecretText =
  | { readonly ok: true; readonly text: string | undefined }
  | {
      readonly ok: false;
      readonly problem: Problem;
      /** It is not there, as against written where it must not be. */
      readonly isAbsent: boolean;
    };

/** The secret at `path`; undefined text when it is optional and empty. Problems never hold its value. */
export function readSecret({ path, optional }: SecretAt, source: SecretSource): SecretText {
  const given = valueAt(source.yaml.value, path);
  const name = nameOf(path);
  const fail = (message: string): SecretText & { readonly ok: false } => ({
    ok: false,
    problem: source.yaml.problem(path, message),
    isAbsent: true,
  });
  let text = '';
  if (isObject(given) && typeof given['file'] === 'string') {
    const file = resolve(source.baseDir, given['file']);
    const content = contentOf(file);
    if (content === undefined)
      return fail(`\`${name}\`: the file ${file} cannot be read; it must exist and be readable`);
    text = bare(content);
  } else if (typeof given === 'string') {
    if (given !== '' && !source.isSubstituted(path)) {
      const written = `\`${name}\` is written out here; keep it out of the file: \`\${VARIABLE}\` or \`{ file: path }\``;
      return { ...fail(written), isAbsent: false };
    }
    text = bare(given);
  }
  if (text !== '') return { ok: true, text };
  if (optional) return { ok: true, text: undefined };
  return fail(`\`${name}\` is empty`);
}

/** Docker leaves the quotes of an `--env-file` in the value; others paste the whole header. */
const bare = (text: string): string =>
  text
    .trim()
    .replace(/^(["'])([^"']*)\1$/, '$2')
    .replace(/^bearer +/i, '')
    .trim();

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
