/**
 * `npm run build`: the package in `dist/`, with all that it needs built in, so that installing it installs nothing else.
 * With `--if-older` (before `npm start`) only where a source is newer, and only what runs: no types, no list of what is built in.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bundledPackages, licenceTexts } from './bundled.ts';
import { DONE, isOlder } from './is-older.ts';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = join(ROOT, 'src');
const OUT = join(ROOT, 'dist');
/** What `npm run build:page` puts there. */
const PAGES: ReadonlySet<string> = new Set(['dashboard', 'docs']);

/** Read at run time, from beside the module that needs them. */
const DATA = [
  'kernels/encoder.wasm',
  'kernels/kernels.wasm',
  'models/engine',
  'signals/encoder/deep.json',
  'signals/encoder/encoder.bin',
  'signals/language/table.json',
  'signals/meaning/table.bin',
  'signals/stakes/weights.json',
];

/** What the dashboard's page is built of: its licences are asked for too. */
const IN_THE_PAGE = ['@preact/signals', '@preact/signals-core', 'preact', 'uplot'];

const require = createRequire(import.meta.url);

/** Of `smallfirst/core` alone; a declaration names the file that stands beside it. */
function buildTypes(): void {
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'deploy/package/tsconfig.json')], {
    stdio: 'inherit',
  });
  for (const file of readdirSync(OUT, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts')) continue;
    const text = readFileSync(join(OUT, file), 'utf8');
    writeFileSync(
      join(OUT, file),
      text.replaceAll(/(from '|import\('|from "|import\(")(\.[^'"]+)\.ts(['"])/g, '$1$2.js$3'),
    );
  }
}

/** `isWhole`: with the types and licences that a package needs and a start does not. */
async function build({ isWhole }: { readonly isWhole: boolean }): Promise<void> {
  const { bundle, bundleRequired } = await import('./bundle.ts');
  mkdirSync(OUT, { recursive: true });
  for (const name of readdirSync(OUT))
    if (!PAGES.has(name)) rmSync(join(OUT, name), { recursive: true });
  const built = { sources: SOURCES, out: OUT };
  const modules = [
    ...(await bundle(built)),
    ...(await bundleRequired(built)),
    ...IN_THE_PAGE.map((name) => join(ROOT, 'node_modules', name, 'package.json')),
  ];
  for (const path of DATA) cpSync(join(SOURCES, path), join(OUT, path), { recursive: true });
  if (isWhole) {
    buildTypes();
    describe(modules);
  }
  writeFileSync(DONE, `${JSON.stringify({ isWhole })}\n`);
}

/** The list of the packages that are built in, and what their licences ask for. */
function describe(modules: readonly string[]): void {
  const packages = bundledPackages(modules);
  const listed = packages.map(({ name, version, licence }) => ({ name, version, licence }));
  writeFileSync(join(OUT, 'bundled.json'), `${JSON.stringify(listed, null, 2)}\n`);
  writeFileSync(join(OUT, 'THIRD-PARTY.txt'), licenceTexts(packages));
}

const isStart = process.argv.includes('--if-older');
if (!isStart || isOlder()) await build({ isWhole: !isStart });
