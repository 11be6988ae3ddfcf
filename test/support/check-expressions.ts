/**
 * `npm run expressions`: every regular expression of the sources is known to `test/security/expressions.json`, or found safe by
 * `recheck` now: its time grows no faster than its input. Those that are not safe stand there with what bounds their input.
 * `-- --update` writes the safe ones down; a reason is written by hand.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from 'recheck';
import ts from 'typescript';

export interface Expression {
  /** `src/file.ts:12`. */
  readonly at: string;
  /** With slashes and flags. */
  readonly written: string;
}

/** The literals in a file. */
export function expressionsIn(file: string, text: string): readonly Expression[] {
  const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const { line } = parsed.getLineAndCharacterOfPosition(node.getStart(parsed));
      found.push({ at: `${file}:${line + 1}`, written: node.text });
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return found;
}

/** Without tests, and without what runs in a reader's browser or is never run by users. */
const allExpressions = (): readonly Expression[] =>
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.ts$|^(?:dashboard|training)\//.test(file))
    .toSorted()
    .flatMap((file) => expressionsIn(join('src', file), readFileSync(join('src', file), 'utf8')));

interface Known {
  /** Digests of those that `recheck` found safe. */
  readonly safe: readonly string[];
  /** What bounds the input of the others. */
  readonly bounded: Readonly<Record<string, string>>;
}

const FILE = 'test/security/expressions.json';
const TIMEOUT_MS = 20_000;

export const digestOf = (written: string): string =>
  createHash('sha256').update(written).digest('hex').slice(0, 12);

/** The expressions of the sources that are neither known nor safe, with why. */
export async function unsafeExpressions(known: Known): Promise<{
  readonly unsafe: readonly string[];
  readonly safe: readonly string[];
}> {
  const before = new Set(known.safe);
  const [unsafe, safe]: [string[], Set<string>] = [[], new Set()];
  for (const { at, written } of allExpressions()) {
    const digest = digestOf(written);
    if (known.bounded[written] !== undefined) continue;
    if (!before.has(digest) && !safe.has(digest)) {
      const end = written.lastIndexOf('/');
      const [source, flags] = [written.slice(1, end), written.slice(end + 1)];
      const found = await check(source, flags, { timeout: TIMEOUT_MS });
      if (found.status !== 'safe') {
        const why = 'complexity' in found ? found.complexity?.summary : undefined;
        unsafe.push(`${at} ${found.status} (${why ?? 'not decided in time'}) ${written}`);
        continue;
      }
    }
    safe.add(digest);
  }
  return { unsafe, safe: [...safe].toSorted() };
}

if (process.argv[1] === import.meta.filename) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a file of this repository
  const known = JSON.parse(readFileSync(FILE, 'utf8')) as Known;
  const { unsafe, safe } = await unsafeExpressions(known);
  if (process.argv.includes('--update'))
    writeFileSync(FILE, `${JSON.stringify({ safe, bounded: known.bounded }, undefined, 2)}\n`);
  for (const line of unsafe)
    process.stdout.write(
      `${line}\n  Write it so that no two parts can take the same text, or bound it ({0,80}); or say in ${FILE} what bounds its input.\n`,
    );
  process.stdout.write(
    `${safe.length} safe, ${Object.keys(known.bounded).length} bounded, ${unsafe.length} neither\n`,
  );
  process.exitCode = unsafe.length === 0 ? 0 : 1;
}
