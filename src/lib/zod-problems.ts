/** Turns zod's issues with a YAML file, or with a JSON body, into problems that say what to write instead. */
import type { z } from 'zod';
import { suggestion } from './suggest.ts';
import type { Path } from './yaml-source.ts';
import { own } from './own.ts';

type Issue = z.core.$ZodIssue;

/** A JSON Schema: it lists the possible keys at each path. */
type Shape = z.core.JSONSchema.BaseSchema;

/** What was checked, and how a problem with the value at a path, or with the last key of one, is told. */
interface Source<Problem> {
  readonly value: unknown;
  problem(path: Path, message: string): Problem;
  keyProblem(path: Path, message: string): Problem;
}

/** `shape` is the JSON Schema of the zod schema that made the issues: it lists the possible keys. */
export function zodProblems<Problem>(
  issues: readonly Issue[],
  source: Source<Problem>,
  shape: Shape,
): readonly Problem[] {
  return issues.flatMap((issue) => problemsOf(issue, source, shape));
}

function problemsOf<Problem>(
  issue: Issue,
  source: Source<Problem>,
  shape: Shape,
): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(shape, source.value, issue.path);
    return issue.keys.map((key) =>
      source.keyProblem(
        [...issue.path, key],
        `unknown key${shown(key)}; ${suggestion(key, known)}`,
      ),
    );
  }
  if (issue.code === 'invalid_union') {
    const inner = nearestBranch(issue.errors);
    if (inner !== undefined) {
      const below = (each: Issue): Issue => ({ ...each, path: [...issue.path, ...each.path] });
      return zodProblems(inner.map(below), source, shape);
    }
  }
  const value = valueAt(source.value, issue.path);
  const name = issue.path.length === 0 ? 'the file' : `\`${nameOf(issue.path)}\``;
  if (value === undefined)
    return [source.problem(issue.path, `${name} is missing: ${needed(issue)}`)];
  return [source.problem(issue.path, `${name} ${demand(issue, value)}`)];
}

/**
 * Every valid key is one word of letters. Any other may contain a secret by mistake (a lost colon or line
 * break), so only its line and column are shown.
 */
const shown = (key: string): string => (/^[a-z]{1,24}$/i.test(key) ? ` \`${key}\`` : '');

/** The branch that was meant: the only one whose top level is right. */
function nearestBranch(choices: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const meant = choices.filter((branch) =>
    branch.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'),
  );
  return meant.length === 1 ? meant[0] : undefined;
}

function needed(issue: Issue): string {
  if (issue.code === 'invalid_type') return `add ${article(issue.expected)}`;
  if (issue.code === 'invalid_value') return `add ${oneOf(issue.values)}`;
  return `it ${demand(issue, undefined)}`;
}

function demand(issue: Issue, value: unknown): string {
  if (issue.code === 'invalid_type') {
    // A number may be a secret in the wrong place, so only one that should have been whole is shown.
    const isFraction = issue.expected === 'int' && typeof value === 'number';
    const is = isFraction ? String(value) : article(typeName(value));
    return `must be ${article(issue.expected)}, not ${is}`;
  }
  if (issue.code === 'invalid_value') {
    const asked = typeof value === 'string' ? suggestion(value, issue.values.map(String), '') : '';
    return `must be ${oneOf(issue.values)}${asked && `; ${asked}`}`;
  }
  if (issue.code === 'too_small')
    return `must ${bound(issue.origin, 'at least', issue.minimum, issue.inclusive ?? true)}`;
  if (issue.code === 'too_big')
    return `must ${bound(issue.origin, 'at most', issue.maximum, issue.inclusive ?? true)}`;
  // For every other kind the schema defines the message.
  return issue.message;
}

function bound(origin: string, side: string, limit: number | bigint, inclusive: boolean): string {
  if (origin === 'string') return limit === 1 ? 'not be empty' : `have ${side} ${limit} characters`;
  if (origin === 'array') return `have ${side} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  if (inclusive) return `be ${side} ${limit}`;
  return `be ${side === 'at least' ? 'more' : 'less'} than ${limit}`;
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  object: '`key: value` entries',
  record: '`key: value` entries',
  array: 'a list',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'empty',
};

const article = (type: string): string => own(NAMES, type) ?? type;

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function oneOf(values: readonly unknown[]): string {
  const names = values.map((value) => `\`${String(value)}\``);
  return names.length === 1 ? `${names[0]}` : `one of ${names.join(', ')}`;
}

/** `upstreams[1].url` */
export function nameOf(path: Path): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`,
    )
    .join('');
}

export function valueAt(value: unknown, path: Path): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.hasOwn(found, step) ? Reflect.get(found, step) : undefined;
  }
  return found;
}

function knownKeys(shape: Shape, value: unknown, path: Path): readonly string[] {
  let shapes = branches(shape, value);
  path.forEach((step, depth) => {
    const below = valueAt(value, path.slice(0, depth + 1));
    shapes = shapes.flatMap((each) => branches(stepInto(each, step), below));
  });
  return [...new Set(shapes.flatMap((each) => Object.keys(each.properties ?? {})))];
}

function stepInto(shape: Shape, step: PropertyKey): Shape {
  if (typeof step === 'number') return isShape(shape.items) ? shape.items : {};
  const named = shape.properties?.[String(step)];
  if (isShape(named)) return named;
  return isShape(shape.additionalProperties) ? shape.additionalProperties : {};
}

const isShape = (schema: unknown): schema is Shape =>
  typeof schema === 'object' && schema !== null && !Array.isArray(schema);

/**
 * The branches of a union whose fixed values (`kind: openai`) the value has, or leaves out where they are the default;
 * all, if none fits.
 */
function branches(shape: Shape, value: unknown): readonly Shape[] {
  const choices = (shape.oneOf ?? shape.anyOf)?.filter(isShape);
  if (choices === undefined) return [shape];
  const fitting = choices.filter((choice) =>
    Object.entries(choice.properties ?? {}).every(
      ([key, property]) =>
        !isShape(property) ||
        property.const === undefined ||
        (valueAt(value, [key]) ?? property.default) === property.const,
    ),
  );
  return fitting.length > 0 ? fitting : choices;
}
