/** The house rules that a linter cannot see: layers, and registries that are complete. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const LEAF = ['core', 'lib'];
const WIRE = [...LEAF, 'wire'];
const MAY_IMPORT: Record<string, readonly string[]> = {
  lib: [],
  core: ['lib'],
  wire: LEAF,
  signals: LEAF,
  policy: LEAF,
  models: LEAF,
  meters: LEAF,
  stores: LEAF,
  config: LEAF,
  telemetry: LEAF,
  upstreams: WIRE,
  accounting: WIRE,
  engine: WIRE,
  masking: WIRE,
  responses: WIRE,
  training: ['core', 'signals'],
  analysis: [...LEAF, 'accounting', 'engine', 'meters', 'models'],
  rollout: [...LEAF, 'engine', 'policy', 'signals'],
  http: [...WIRE, 'engine'],
  commands: [
    ...LEAF,
    'app.ts',
    'analysis',
    'config',
    'engine',
    'http',
    'models',
    'policy',
    'signals',
  ],
};
const REGISTRIES = ['signals'];

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
);

/** Put things together, and so know all of them. */
const KNOW_ALL = ['assembly'];
const isLayered = (file: string): boolean =>
  file.includes('/') && !KNOW_ALL.some((folder) => file.startsWith(`${folder}/`));

test.each(files.filter(isLayered))('%s imports only from layers below it', (file) => {
  const layer = file.split('/')[0]!;
  const imports = [...readFileSync(join('src', file), 'utf8').matchAll(/from '(\.\.?\/[^']+)'/g)];
  for (const [, path] of imports) {
    const target = join(file, '..', path!).split('/')[0]!;
    if (target !== layer) expect(MAY_IMPORT[layer], `${file} -> ${path}`).toContain(target);
  }
});

test.each(REGISTRIES)('src/%s/index.ts names every file beside it', (folder) => {
  const index = readFileSync(`src/${folder}/index.ts`, 'utf8');
  const siblings = files.filter(
    (file) =>
      file.split('/').length === 2 && file.startsWith(`${folder}/`) && !file.endsWith('index.ts'),
  );
  for (const sibling of siblings)
    expect(index).toContain(`'./${sibling.slice(folder.length + 1)}'`);
});
