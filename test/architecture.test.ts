/** Rules of the code base that a linter cannot see: layers, and registries that are complete. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** The table of `src/README.md`: what each folder may import; `undefined` is anything. */
const mayImport = new Map<string, readonly string[] | undefined>();
const table = /\| folder \| may import \|\n\|.*\n((?:\|.*\n)+)/.exec(
  readFileSync('src/README.md', 'utf8'),
)?.[1];
for (const [, folders = '', allowed = ''] of (table ?? '').matchAll(/^\| (.*?) \| (.*?) \|$/gm))
  for (const [, folder = ''] of folders.matchAll(/`([\w.-]+?)\/?`/g))
    mayImport.set(folder, allowed === 'anything' ? undefined : wordsOf(allowed));

function wordsOf(cell: string): readonly string[] {
  return cell === 'nothing of ours' ? [] : cell.replaceAll('`', '').split(' ');
}

const REGISTRIES = ['signals'];

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.tsx?$/.test(file) && !file.endsWith('.test.ts'),
);

const folderOf = (file: string): string => file.split('/')[0]!;
const folders = [...new Set(files.filter((file) => file.includes('/')).map(folderOf))];

test('the table of src/README.md has a row for every folder, and no other', () => {
  const rows = [...mayImport.keys()].filter((row) => !row.endsWith('.ts'));
  expect(rows.toSorted()).toEqual([...folders].toSorted());
});

test.each(files.filter((file) => file.includes('/')))(
  '%s imports only what its folder may',
  (file) => {
    const folder = folderOf(file);
    const allowed = mayImport.get(folder);
    if (allowed === undefined) return;
    const imports = readFileSync(join('src', file), 'utf8').matchAll(
      /(?:from |import\(|import )'(\.\.?\/[^']+)'/g,
    );
    for (const [, path] of imports) {
      const target = folderOf(join(file, '..', path!));
      if (target !== folder) expect(allowed, `${file} -> ${path}`).toContain(target);
    }
  },
);

/** The page runs in a browser: what it imports as a value is sent there. */
test.each(files.filter((file) => folderOf(file) === 'dashboard'))(
  '%s takes only types from other folders',
  (file) => {
    const text = readFileSync(join('src', file), 'utf8');
    const values = [...text.matchAll(/^import (?!type )[^;]*? from '(\.\.?\/[^']+)'/gm)];
    const from = values.map(([, path]) => folderOf(join(file, '..', path!)));
    expect(new Set([...from, 'dashboard'])).toEqual(new Set(['dashboard']));
  },
);

test.each(REGISTRIES)('src/%s/index.ts names every file beside it', (folder) => {
  const index = readFileSync(`src/${folder}/index.ts`, 'utf8');
  const siblings = files.filter(
    (file) =>
      file.split('/').length === 2 && file.startsWith(`${folder}/`) && !file.endsWith('index.ts'),
  );
  for (const sibling of siblings)
    expect(index).toContain(`'./${sibling.slice(folder.length + 1)}'`);
});

test('no file imports itself by way of others, types included', () => {
  const importsOf = new Map(
    files.map((file) => {
      const text = readFileSync(join('src', file), 'utf8');
      const paths = [...text.matchAll(/(?:from |import\(|import )'(\.\.?\/[^']+)'/g)];
      return [file, paths.map(([, path]) => join(file, '..', path!))] as const;
    }),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' -> '));
    if (done.has(file) || way.includes(file)) return;
    for (const next of importsOf.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

/** Each thread has its own copy of what it loads: schemas of `/admin` were a sixth of the ledger's, the fast judge's weights a tenth of the deep judge's. */
test.each([
  ['stores/sqlite/worker.ts', 'zod'],
  ['signals/encoder/worker.ts', 'need.json'],
])('the thread of %s does not load %s', (entry, unneeded) => {
  const loaded = new Set([entry]);
  for (const file of loaded) {
    if (!file.endsWith('.ts')) continue;
    const text = readFileSync(join('src', file), 'utf8');
    for (const [, path = ''] of text.matchAll(/^(?:im|ex)port (?!type )[^;]*? from '([^']+)'/gm))
      loaded.add(path.startsWith('.') ? join(file, '..', path) : path);
  }
  expect(loaded.size).toBeGreaterThan(10);
  expect([...loaded].filter((file) => file.endsWith(unneeded))).toEqual([]);
});

/** Configuration is checked where it is written; whoever else asks would know a store's kind twice. */
test('only stores/open.ts asks for the kind of the store', () => {
  const asks = /\b(?:store|settings)\.kind\b\s*(?:[=!]==|\))|\{ kind[^}]*\} = (?:config\.)?store\b/;
  const asking = files.filter((file) => asks.test(readFileSync(join('src', file), 'utf8')));
  expect(asking.filter((file) => folderOf(file) !== 'config')).toEqual(['stores/open.ts']);
});
