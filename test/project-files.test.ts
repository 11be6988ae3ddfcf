/** What the files at the top level promise must be so. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface Package {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
}

const read = (file: string): string => readFileSync(file, 'utf8');
const own: Package = JSON.parse(read('package.json'));

test.each(['CONTRIBUTING.md', 'README.md', '.github/workflows/ci.yml'])(
  'every npm script that %s names is there',
  (file) => {
    const named = [...read(file).matchAll(/\bnpm (?:run (?:-s )?([\w:]+)|(test|start)\b)/g)].map(
      ([, run, short]) => run ?? short ?? '',
    );
    expect(named).not.toEqual([]);
    expect(named.filter((name) => own.scripts[name] === undefined)).toEqual([]);
  },
);

const PAGES = ['src', 'test', 'deploy', 'policies']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
  )
  .filter((file) => file.endsWith('.md') && !file.includes('node_modules'));

test.each(['CONTRIBUTING.md', 'SECURITY.md', 'README.md', ...PAGES])(
  'every file of the repository that %s names is there',
  (page) => {
    const named = [...read(page).matchAll(/`((?:src|test|deploy|policies)\/[\w./-]+\.\w+)`/g)];
    expect(named.map(([, file]) => file!).filter((file) => !existsSync(file))).toEqual([]);
  },
);

test('the Node of .nvmrc is the one that the package asks for', () => {
  expect(own.engines.node).toBe(`>=${read('.nvmrc').trim()}`);
});

test('the changelog has a part for this version, below what is not released', () => {
  const parts = [...read('CHANGELOG.md').matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  expect(parts.slice(0, 2)).toEqual(['Unreleased', own.version]);
});

test('nothing is installed by `npm test` itself', () => {
  expect(own.scripts['pretest'] ?? '').not.toMatch(/install|npm|npx/);
});

const YAML = readdirSync('.github', { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.yml'),
);

test.each(YAML)('.github/%s is YAML without duplicate keys', (file) => {
  expect(parse(read(`.github/${file}`))).toBeTypeOf('object');
});

test.each(YAML.filter((file) => file.startsWith('ISSUE_TEMPLATE/')))(
  '.github/%s is a form: fields with ids of their own',
  (file) => {
    const form: {
      name?: string;
      description?: string;
      body: readonly { type: string; id?: string }[];
    } = parse(read(`.github/${file}`));
    expect([form.name, form.description]).not.toContain(undefined);
    const ids = form.body.filter(({ type }) => type !== 'markdown').map(({ id }) => id);
    expect(ids).not.toContain(undefined);
    expect(new Set(ids).size).toBe(ids.length);
  },
);
