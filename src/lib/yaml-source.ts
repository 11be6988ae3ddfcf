/** A parsed YAML file that knows the line and column of each value. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { ProblemsError, type Problem } from './problems.ts';

export type Path = readonly PropertyKey[];

export interface YamlSource {
  readonly file: string;
  /** As plain data; `null` for an empty file. */
  readonly value: unknown;
  /** Problems reported by `substitute`. Other checks can go on, so that all mistakes are reported at once. */
  readonly problems: readonly Problem[];
  /** A problem with the value at `path`, or, where there is none, with the nearest value above it. */
  problem(path: Path, message: string): Problem;
  /** A problem with the last key of `path` itself. */
  keyProblem(path: Path, message: string): Problem;
  /** A problem inside the text at `path`, `offset` characters into its value. */
  textProblem(path: Path, offset: number, message: string): Problem;
}

/** Replaces texts after parsing, so that no value can become structure. Returns the text to use. */
export type Substitute = (
  text: string,
  place: { readonly path: Path; problem(message: string): void },
) => string;

interface Options {
  readonly substitute?: Substitute;
}

/**
 * Parses one YAML document.
 * @throws ProblemsError when it is not YAML.
 */
export function parseYaml(text: string, file: string, options: Options = {}): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(options.substitute ? masked(text) : text, {
    lineCounter: lines,
    prettyErrors: false,
  });
  const problemAt = (offset: number, message: string): Problem => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col), message };
  };
  if (document.errors.length + document.warnings.length > 0)
    throw new ProblemsError(syntaxProblems(document, problemAt));
  refuseStrayAliases(document, problemAt);
  const problems = options.substitute
    ? substituteTexts(document, options.substitute, problemAt)
    : [];
  const value = plainValue(document, problemAt);
  return { file, value, problems, ...locator(document, text, problemAt) };
}

/** After its first syntax error the parser reports consequential errors: only the first helps. */
function syntaxProblems(document: Document, problemAt: ProblemAt): readonly Problem[] {
  const all = [...document.errors, ...document.warnings];
  const firstSyntax = all.findIndex(({ code }) => code !== 'DUPLICATE_KEY');
  const errors = firstSyntax < 0 ? all : all.slice(0, firstSyntax + 1);
  return errors.map(({ pos, message }) =>
    problemAt(pos[0], `not valid YAML: ${yamlWords(unmasked(message))}`),
  );
}

function refuseStrayAliases(document: Document, problemAt: ProblemAt): void {
  const problems: Problem[] = [];
  visit(document, {
    Alias(_, node) {
      if (node.resolve(document) !== undefined) return;
      const message = `\`*${unmasked(node.source)}\` refers to nothing; a text that begins with \`*\` needs quotes`;
      problems.push(problemAt(startOf(node), message));
    },
  });
  if (problems.length > 0) throw new ProblemsError(problems);
}

/** A Unicode block for private use: no configuration contains it. */
const MASK = 0xe000;

/**
 * `{ key: ${KEY} }` is not YAML, since `{` opens a collection there. For the parser each reference is
 * replaced by one plain word of the same length, so that every line and column stays right.
 */
function masked(text: string): string {
  return text.replaceAll(/\$\{[^}\n]*\}/g, (reference) =>
    reference.replaceAll(/[^\w]/g, (character) => {
      const code = character.charCodeAt(0);
      return code < 0x80 ? String.fromCharCode(MASK + code) : character;
    }),
  );
}

const unmasked = (text: string): string =>
  text.replaceAll(/[\uE000-\uE07F]/g, (character) =>
    String.fromCharCode(character.charCodeAt(0) - MASK),
  );

/** Advice in place of parser messages that do not say what to do. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /^Nested mappings/,
    'a second `:` on one line; write `{ key: value }` or put the text in quotes',
  ],
  [/multiple documents/, 'only one document a file: remove the `---`'],
  [/^Unresolved tag/, 'a text that begins with `!` needs quotes'],
  [/^Unexpected flow-\S+-start/, 'a text with `[`, `{` or `,` in it needs quotes here'],
  [
    /^Unexpected scalar at node end/,
    'a text goes on after its closing quote; put all of it in quotes',
  ],
  [/^Plain value cannot start with/, 'a text that begins with this character needs quotes'],
];

const yamlWords = (message: string): string =>
  ADVICE.find(([pattern]) => pattern.test(message))?.[1] ?? message;

type ProblemAt = (offset: number, message: string) => Problem;

function substituteTexts(
  document: Document,
  substitute: Substitute,
  problemAt: ProblemAt,
): readonly Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar(key, node, ancestors) {
      if (typeof node.value !== 'string') return;
      const written = unmasked(node.value);
      if (key === 'key') {
        node.value = written;
        return;
      }
      node.value = substitute(written, {
        path: pathOf(ancestors, key),
        problem: (message) => problems.push(problemAt(startOf(node), message)),
      });
    },
  });
  return problems;
}

/** `visit` passes the chain of collections and pairs above a node, and its index or `value` in the last. */
function pathOf(ancestors: readonly unknown[], key: unknown): Path {
  const chain = [...ancestors];
  const path: PropertyKey[] = [];
  chain.forEach((ancestor, depth) => {
    if (typeof ancestor !== 'object' || ancestor === null) return;
    if ('key' in ancestor && isScalar(ancestor.key)) path.push(String(ancestor.key.value));
    if (!isSeq(ancestor)) return;
    const below = chain[depth + 1];
    path.push(below === undefined ? Number(key) : ancestor.items.indexOf(below));
  });
  return path;
}

function plainValue(document: Document, problemAt: ProblemAt): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    throw new ProblemsError([problemAt(0, `not usable YAML: ${why}`)]);
  }
}

const startOf = (node: Node): number => node.range?.[0] ?? 0;

function locator(document: Document, text: string, problemAt: ProblemAt) {
  const nodeAt = (path: Path): Node | undefined => {
    let node: Node | null | undefined = document.contents;
    for (const step of path) {
      const next: Node | undefined = child(node, step, document);
      if (next === undefined) return node ?? undefined;
      node = next;
    }
    return node ?? undefined;
  };
  const problem = (path: Path, message: string): Problem => {
    const node = nodeAt(path);
    return problemAt(node === undefined ? 0 : startOf(node), message);
  };
  return {
    problem,
    keyProblem(path: Path, message: string): Problem {
      const parent = nodeAt(path.slice(0, -1));
      const key = isMap(parent) ? pairOf(parent, path.at(-1))?.key : undefined;
      return isScalar(key) ? problemAt(startOf(key), message) : problem(path, message);
    },
    textProblem(path: Path, offset: number, message: string): Problem {
      const node = nodeAt(path);
      if (!isScalar(node) || typeof node.value !== 'string') return problem(path, message);
      return problemAt(offsetInSource(text, node, node.value.slice(0, offset)), message);
    },
  };
}

function child(
  node: Node | null | undefined,
  step: PropertyKey,
  document: Document,
): Node | undefined {
  const parent = isAlias(node) ? node.resolve(document) : node;
  const found = isMap(parent)
    ? pairOf(parent, step)?.value
    : isSeq(parent)
      ? parent.items[Number(step)]
      : undefined;
  return isNodeLike(found) ? found : undefined;
}

function isNodeLike(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value);
}

function pairOf(map: YAMLMap, key: unknown) {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

/**
 * The source offset of the character after `before`. Quotes, escapes, folding and indentation make the
 * source longer than the value but keep its order, so the value is matched through it.
 */
function offsetInSource(text: string, node: Scalar, before: string): number {
  const end = node.range?.[1] ?? text.length;
  let at = firstCharacter(text, node);
  for (const character of before) {
    at = /\s/.test(character)
      ? afterBlank(text, at)
      : text.indexOf(character, at) + character.length;
  }
  return node.type === 'QUOTE_DOUBLE' && text[at] === '\\' ? at + 1 : Math.min(at, end);
}

/** The value's first character: after the quote, or on the line below a block's header. */
function firstCharacter(text: string, node: Scalar): number {
  const start = startOf(node);
  if (node.type === 'QUOTE_SINGLE' || node.type === 'QUOTE_DOUBLE') return start + 1;
  if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') return start;
  const content = /\n\s*(?=\S)/g;
  content.lastIndex = start;
  return content.exec(text) === null ? start : content.lastIndex;
}

/** A line break of the source, with the indentation after it, is one blank of the value. */
function afterBlank(text: string, from: number): number {
  const blanks = /\s+/g;
  blanks.lastIndex = from;
  const run = blanks.exec(text);
  if (run === null) return text.length;
  return run.index + (run[0].includes('\n') ? run[0].length : 1);
}
