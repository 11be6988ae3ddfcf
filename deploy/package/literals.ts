/**
 * Tables that a package has as literals of its program become files of JSON beside it: V8 keeps a program's text, the form of each
 * literal and its copy, which for a list of prices of 480 kB are 18 MB.
 */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { runInThisContext } from 'node:vm';
import type { Plugin } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

/** Characters from which a literal is a table. */
const LARGE = 20_000;
const LITERALS: ReadonlySet<unknown> = new Set(['ArrayExpression', 'ObjectExpression']);

interface Place {
  readonly start: number;
  readonly end: number;
}

/** @param file - where the program, in CommonJS, will be: its tables are written beside it */
export function literalsAsTables(file: string): Plugin {
  let count = 0;
  const written = (text: string): string => {
    const path = `${file.replace(/\.cjs$/, '')}-${(count += 1)}.json`;
    writeFileSync(path, text);
    return `JSON.parse(require('node:fs').readFileSync(__dirname + '/${basename(path)}', 'utf8'))`;
  };
  return {
    name: 'literals-as-tables',
    transform(code) {
      if (code.length < LARGE) return null;
      let [changed, at] = ['', 0];
      for (const { start, end } of literalsIn(parseAst(code, { sourceType: 'script' }))) {
        const text = asJson(code.slice(start, end));
        if (text === undefined) continue;
        changed += code.slice(at, start) + written(text);
        at = end;
      }
      return changed + code.slice(at);
    },
  };
}

/** The outermost large ones, in order. */
function literalsIn(node: unknown): readonly Place[] {
  if (Array.isArray(node)) return node.flatMap(literalsIn);
  if (typeof node !== 'object' || node === null) return [];
  const place = node as Partial<Place> & { readonly type?: unknown };
  const { start = 0, end = 0 } = place;
  if (LITERALS.has(place.type) && end - start >= LARGE) return [{ start, end }];
  return Object.values(node).flatMap(literalsIn);
}

/** Undefined where it is more than JSON can say. */
function asJson(literal: string): string | undefined {
  try {
    const value: unknown = runInThisContext(`(${literal})`);
    const text = JSON.stringify(value);
    return isDeepStrictEqual(JSON.parse(text), value) ? text : undefined;
  } catch {
    return undefined;
  }
}
