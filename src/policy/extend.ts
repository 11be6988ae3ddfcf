/**
 * Policies that `extend` another one. The text that is loaded, stored and hashed holds both: the file's own, then its base's, separated by
 * a line that no YAML document of one's own has. So a version keeps its meaning when the base changes.
 */
import { isObject } from '../lib/json.ts';
import type { Problem } from '../lib/problems.ts';
import { parseYaml, type Path, type YamlSource } from '../lib/yaml-source.ts';

/** The line before a base's text, with its name. */
const BASE = /^--- # extended policy: (.+)\n/m;

/** `own` with the text that it extends below it, under the name by which it does: no path of this machine. */
export const withBase = (own: string, base: { readonly name: string; readonly text: string }) =>
  `${own.trimEnd()}\n--- # extended policy: ${base.name}\n${base.text}`;

/** What the file itself says, without what it extends. */
export const ownTextOf = (text: string): string => text.split(BASE, 1)[0] ?? '';

/** The lists in which members are known by their names. Rules of the file's own stand before those of its base. */
const OWN_FIRST = ['rules'];
const BASE_FIRST = ['constraints', 'domains'];

/**
 * Reads a text and what it extends as one policy, whose problems are told where they are written.
 * @throws ProblemsError when one of the texts is not YAML
 */
export function parseExtended(text: string, file: string): YamlSource {
  const [own = '', baseFile, ...rest] = text.split(BASE);
  const parsed = parseYaml(own, file);
  if (baseFile === undefined) return lonely(parsed);
  const restText = rest
    .map((part, at) => (at % 2 === 1 ? `--- # extended policy: ${part}\n` : part))
    .join('');
  return extended(parsed, parseExtended(restText, baseFile));
}

/** A text whose base did not come with it: a version that was saved without `findPolicy`. */
function lonely(parsed: YamlSource): YamlSource {
  if (!isObject(parsed.value) || parsed.value['extends'] === undefined) return parsed;
  const message = 'the policy that this one extends is not with it: read it from its file';
  return { ...parsed, problems: [parsed.keyProblem(['extends'], message)] };
}

/** Where a member of the merged policy is written. */
interface Place {
  readonly source: YamlSource;
  readonly index: number;
}

interface Member extends Place {
  readonly value: unknown;
}

function extended(own: YamlSource, base: YamlSource): YamlSource {
  if (!isObject(own.value) || !isObject(base.value)) return own;
  const [ours, theirs] = [own.value, base.value];
  const { extends: _, ...inherited } = theirs;
  const places = new Map<PropertyKey, readonly Place[]>();
  const merged: Record<string, unknown> = { ...inherited, ...ours };
  for (const list of [...OWN_FIRST, ...BASE_FIRST]) {
    const members = mergedList(membersOf(own, ours[list]), membersOf(base, theirs[list]), list);
    if (members === undefined) continue;
    merged[list] = members.map(({ value }) => value);
    places.set(list, members);
  }
  const placed = ([list, index, ...below]: Path): readonly [YamlSource, Path] => {
    const place = list === undefined ? undefined : places.get(list)?.[Number(index)];
    if (place !== undefined && list !== undefined)
      return [place.source, [list, place.index, ...below]];
    const path = [list, index, ...below].filter((step) => step !== undefined);
    const isOurs = list === undefined || list in ours || !(list in theirs);
    return [isOurs ? own : base, path];
  };
  return {
    file: own.file,
    value: merged,
    problems: [...own.problems, ...base.problems],
    ...located(placed),
  };
}

function located(placed: (path: Path) => readonly [YamlSource, Path]) {
  return {
    problem(path: Path, message: string): Problem {
      const [source, at] = placed(path);
      return source.problem(at, message);
    },
    keyProblem(path: Path, message: string): Problem {
      const [source, at] = placed(path);
      return source.keyProblem(at, message);
    },
    textProblem(path: Path, offset: number, message: string): Problem {
      const [source, at] = placed(path);
      return source.textProblem(at, offset, message);
    },
  };
}

/** Undefined where there is no list: what stands there instead is the schema's to refuse. */
function membersOf(source: YamlSource, list: unknown): readonly Member[] | undefined {
  if (list === undefined) return [];
  return Array.isArray(list)
    ? list.map((value: unknown, index) => ({ source, index, value }))
    : undefined;
}

function mergedList(
  own: readonly Member[] | undefined,
  base: readonly Member[] | undefined,
  list: string,
): readonly Member[] | undefined {
  if (own === undefined || base === undefined || own.length + base.length === 0) return undefined;
  const ours = new Map(own.map((member): [unknown, Member] => [nameOf(member), member]));
  const known = new Set(base.map(nameOf));
  const kept = base.map((member) => {
    const mine = ours.get(nameOf(member));
    return mine === undefined ? member : replaced(member, mine, list);
  });
  const added = own.filter((member) => !known.has(nameOf(member)));
  return OWN_FIRST.includes(list) ? [...added, ...kept] : [...kept, ...added];
}

const nameOf = ({ value }: Member): unknown =>
  isObject(value) && typeof value['name'] === 'string' ? value['name'] : Symbol('no name');

/** A member of the same name stands in the base's place; a domain's examples are added to the base's. */
function replaced(base: Member, own: Member, list: string): Member {
  if (list !== 'domains' || !isObject(base.value) || !isObject(own.value)) return own;
  const [before, after] = [base.value['examples'], own.value['examples']];
  if (!Array.isArray(before) || !Array.isArray(after)) return own;
  return { ...own, value: { ...own.value, examples: [...after, ...before] } };
}
