/** Secrets come from the environment or from a file of their own, never from the configuration file. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { UpstreamKind } from '../core/upstream-kind.ts';
import { isObject } from '../lib/json.ts';
import type { Problem } from '../lib/problems.ts';
import { nameOf, valueAt } from '../lib/zod-problems.ts';
import type { Path, YamlSource } from '../lib/yaml-source.ts';
import { upstreamSecrets } from './upstream-kinds.ts';

interface Place {
  readonly yaml: YamlSource;
  readonly baseDir: string;
  /** Did the text at this path come from the environment? */
  isSubstituted(path: Path): boolean;
}

interface SecretAt {
  readonly path: Path;
  /** An empty one counts as none: `${KEY:-}`. */
  readonly optional: boolean;
}

/** Where secrets stand in a configuration, as far as it has them. */
export function secretPaths(value: unknown, kinds: readonly UpstreamKind[]): readonly SecretAt[] {
  const listAt = (path: Path): readonly unknown[] => {
    const list = valueAt(value, path);
    return Array.isArray(list) ? list : [];
  };
  return [
    { path: ['auth', 'adminKey'], optional: true },
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
  ].filter(({ path }) => valueAt(value, path) !== undefined);
}

export type SecretText =
  | { readonly ok: true; readonly text: string | undefined }
  | { readonly ok: false; readonly problem: Problem };

/** The secret at `path`; undefined text when it is optional and empty. Problems never hold its value. */
export function readSecret({ path, optional }: SecretAt, place: Place): SecretText {
  const given = valueAt(place.yaml.value, path);
  const name = nameOf(path);
  const fail = (message: string): SecretText => ({
    ok: false,
    problem: place.yaml.problem(path, message),
  });
  let text = '';
  if (isObject(given) && typeof given['file'] === 'string') {
    const file = resolve(place.baseDir, given['file']);
    const content = contentOf(file);
    if (content === undefined)
      return fail(`\`${name}\`: the file ${file} cannot be read; it must exist and be readable`);
    text = content.trim();
  } else if (typeof given === 'string') {
    if (given !== '' && !place.isSubstituted(path))
      return fail(
        `\`${name}\` is written out here; keep it out of the file: \`\${VARIABLE}\` or \`{ file: path }\``,
      );
    text = given.trim();
  }
  if (text !== '') return { ok: true, text };
  if (optional) return { ok: true, text: undefined };
  return fail(`\`${name}\` is empty`);
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
