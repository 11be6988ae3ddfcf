/** Finds a policy's text: one shipped with the package, or a user's file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isPolicyPath } from '../core/policy-path.ts';
import { isObject } from '../lib/json.ts';
import { suggestion } from '../lib/suggest.ts';
import { parseYaml } from '../lib/yaml-source.ts';
import { withBase } from './extend.ts';
import { PolicyError } from './read.ts';

export interface PolicySource {
  readonly text: string;
  readonly file: string;
}

/** `policies/` of this package: two folders up, from `src/policy` and from `dist/policy` alike. */
export const shippedFolder = (): string =>
  join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'policies');

export function shippedPolicies(): readonly string[] {
  return readdirSync(shippedFolder())
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .toSorted();
}

/** The longest chain of `extends`; a longer one is a cycle or a mistake. */
const MOST_BASES = 8;

/**
 * The text of a shipped policy, by name, or of a file, with the policies that it extends below it; relative paths are
 * resolved against `baseDir`, and those after `extends` against the folder of the file.
 * @throws PolicyError when there is no such policy or it cannot be read.
 */
export function findPolicy(nameOrPath: string, baseDir: string): PolicySource {
  return withBases(findText(nameOrPath, baseDir), []);
}

/**
 * The source with what it extends below it; a text that comes from elsewhere than a file (an editor) needs this before it is loaded.
 * @throws PolicyError when a policy extends itself, or one that there is not.
 */
export function withBases(source: PolicySource, above: readonly string[] = []): PolicySource {
  const base = extendedBy(source)?.name;
  if (base === undefined) return source;
  if (above.length >= MOST_BASES || above.includes(source.file))
    throw missing(
      source.file,
      `\`extends\` leads back to this policy, or over more than ${MOST_BASES} policies`,
    );
  const found = withBases(extendedText(base, source), [...above, source.file]);
  return { ...source, text: withBase(source.text, { name: base, text: found.text }) };
}

/**
 * The same for a text that was written elsewhere than on this machine: only policies that ship are added, so that nobody reads files
 * by naming them.
 */
export function withShippedBase(source: PolicySource): PolicySource {
  const base = extendedBy(source)?.name;
  return base === undefined || isPolicyPath(base) ? source : withBases(source);
}

/** @throws PolicyError that says where the base is named */
function extendedText(base: string, source: PolicySource): PolicySource {
  try {
    return findText(base, dirname(source.file));
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const [problem] = error.problems;
    const message = `\`${base}\`: ${problem?.message}`;
    const { line = 1, column = 1 } = extendedBy(source) ?? {};
    throw new PolicyError([{ file: source.file, line, column, message }]);
  }
}

/** The key, and what follows up to the next that is not indented. */
const EXTENDS = /^extends\s*:[^\n]*(?:\n[ \t][^\n]*)*/m;

/**
 * The name after `extends`, and where it is written; what is no YAML is the loader's to refuse. Of a long text that is all that is
 * parsed here.
 */
function extendedBy({ text, file }: PolicySource) {
  const found = EXTENDS.exec(text);
  if (found === null || /^--- # extended policy: /m.test(text)) return undefined;
  const above = text.slice(0, found.index).split('\n').length - 1;
  try {
    const yaml = parseYaml(found[0], file);
    const name = isObject(yaml.value) ? yaml.value['extends'] : undefined;
    if (typeof name !== 'string' || name === '') return undefined;
    const { line, column } = yaml.problem(['extends'], '');
    return { name, line: above + line, column };
  } catch {
    return undefined;
  }
}

function findText(nameOrPath: string, baseDir: string): PolicySource {
  const shipped = join(shippedFolder(), `${nameOrPath}.yaml`);
  if (!isPolicyPath(nameOrPath)) {
    if (existsSync(shipped)) return read(shipped, shipped);
    const message = `no shipped policy has this name, and it is not a path such as ./my-policy.yaml; ${suggestion(nameOrPath, shippedPolicies())}`;
    throw missing(nameOrPath, message);
  }
  const path = isAbsolute(nameOrPath) ? nameOrPath : resolve(baseDir, nameOrPath);
  if (!existsSync(path)) {
    throw missing(
      path,
      'there is no such policy file; relative paths are resolved against the folder of the configuration file',
    );
  }
  return read(path, path);
}

function read(path: string, file: string): PolicySource {
  try {
    return { text: readFileSync(path, 'utf8'), file };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown reason';
    throw missing(file, `the policy file cannot be read: ${why}`);
  }
}

const missing = (file: string, message: string): PolicyError =>
  new PolicyError([{ file, line: 0, column: 0, message }]);
