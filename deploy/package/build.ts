/**
 * `npm run build`: the package in `dist/`. Our own modules keep their places, because workers and data are found beside them;
 * the packages that they need are built in (`dist/vendor`), so that installing this one installs nothing else.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { rolldown, type Plugin } from 'rolldown';
import { bundledPackages, licenceTexts } from './bundled.ts';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = join(ROOT, 'src');
const OUT = join(ROOT, 'dist');

/** What is started or imported by its file. */
const ENTRIES = [
  'bin',
  'main',
  'core/index',
  'signals/encoder/worker',
  'stores/collected-worker',
  'stores/postgres/forward-worker',
  'stores/sqlite-worker',
  'upstreams/llama-cpp/worker',
];

/** Read at run time, from beside the module that needs them. */
const DATA = [
  'kernels/encoder.wasm',
  'kernels/kernels.wasm',
  'models/engine',
  'signals/encoder/encoder.bin',
  'signals/meaning/table.bin',
];

/** What the dashboard's page is built of (`npm run build:page`): its licences are asked for too. */
const IN_THE_PAGE = ['@preact/signals', '@preact/signals-core', 'preact', 'uplot'];

/** Loaded with `require` when they are first needed, and where they lie in `dist/`: a table alone, not its package. */
const REQUIRED: Readonly<Record<string, string>> = {
  'tiktoken/lite': 'vendor/tiktoken/lite.cjs',
  'tiktoken/encoders/o200k_base.json': 'vendor/tiktoken/o200k_base.json',
  'tiktoken/encoders/cl100k_base.json': 'vendor/tiktoken/cl100k_base.json',
  '@tgwf/co2/data': 'vendor/co2-data.cjs',
};

const require = createRequire(import.meta.url);

/** Points each `require` of a package in our sources to its file in `dist/`. */
const requiredFromVendor: Plugin = {
  name: 'required-from-vendor',
  transform(code, id) {
    if (!id.startsWith(SOURCES) || !code.includes('createRequire')) return null;
    let changed = code;
    for (const [specifier, file] of Object.entries(REQUIRED)) {
      const path = between(join(OUT, relative(SOURCES, id)), join(OUT, file));
      changed = changed.replaceAll(`('${specifier}')`, `('${path}')`);
    }
    return changed === code ? null : changed;
  },
};

/** Stands for a package in our own modules until its file is known. */
const MARK = 'built-in:';

/** Our modules each in its place; the specifiers of the packages that they import. */
async function buildOwn(): Promise<ReadonlySet<string>> {
  const imported = new Set<string>();
  const aside: Plugin = {
    name: 'packages-aside',
    resolveId(id) {
      if (/^[./]|^node:|^node-llama-cpp$/.test(id)) return null;
      imported.add(id);
      return { id: MARK + id, external: true };
    },
  };
  const input = Object.fromEntries(ENTRIES.map((entry) => [entry, join(SOURCES, `${entry}.ts`)]));
  const bundle = await rolldown({
    input,
    platform: 'node',
    plugins: [aside, requiredFromVendor],
    external: ['node-llama-cpp'],
  });
  const { output } = await bundle.write({
    dir: OUT,
    format: 'esm',
    preserveModules: true,
    preserveModulesRoot: SOURCES,
    entryFileNames: '[name].js',
  });
  await bundle.close();
  for (const { fileName } of output) {
    const path = join(OUT, fileName);
    const text = readFileSync(path, 'utf8');
    const placed = text.replaceAll(
      /(['"])built-in:([^'"]+)\1/g,
      (_, quote: string, id: string) => quote + between(path, join(OUT, vendored(id))) + quote,
    );
    if (placed !== text) writeFileSync(path, placed);
  }
  return imported;
}

const vendored = (specifier: string): string => `vendor/${specifier.replaceAll(/[@/]/g, '_')}.js`;

/** A specifier of one file in another. */
function between(from: string, to: string): string {
  const path = relative(dirname(from), to).replaceAll('\\', '/');
  return path.startsWith('.') ? path : `./${path}`;
}

/** A file for each package, with the names that Node sees in it, and chunks for what they share. */
async function buildPackages(specifiers: ReadonlySet<string>): Promise<readonly string[]> {
  const entries = new Map<string, string>();
  for (const specifier of specifiers) {
    // The build must see what the sources see.
    const seen: Record<string, unknown> = await import(specifier);
    const names = Object.keys(seen).filter((name) => /^\w+$/.test(name));
    entries.set(
      `${specifier}.mjs`,
      `export { ${names.join(', ')} } from ${JSON.stringify(specifier)};`,
    );
  }
  const virtual: Plugin = {
    name: 'names-of-packages',
    resolveId: (id, importer) => (importer === undefined ? `\0${id}` : null),
    load: (id) => entries.get(id.slice(1)) ?? null,
  };
  const bundle = await rolldown({
    input: Object.fromEntries(
      [...specifiers].map((id) => [vendored(id).slice(0, -3), `${id}.mjs`]),
    ),
    cwd: ROOT,
    platform: 'node',
    plugins: [virtual],
  });
  const { output } = await bundle.write({
    dir: OUT,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'vendor/chunks/[name]-[hash].js',
  });
  await bundle.close();
  return output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
}

async function buildRequired(): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const [specifier, file] of Object.entries(REQUIRED)) {
    const source = require.resolve(specifier);
    mkdirSync(dirname(join(OUT, file)), { recursive: true });
    ids.push(source);
    if (file.endsWith('.json')) {
      cpSync(source, join(OUT, file));
      continue;
    }
    const bundle = await rolldown({ input: source, platform: 'node' });
    const { output } = await bundle.write({ file: join(OUT, file), format: 'cjs' });
    await bundle.close();
    ids.push(...output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : [])));
  }
  const wasm = 'tiktoken_bg.wasm';
  cpSync(join(dirname(require.resolve('tiktoken/lite')), wasm), join(OUT, 'vendor/tiktoken', wasm));
  return ids;
}

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

rmSync(OUT, { recursive: true, force: true });
const modules = [
  ...(await buildPackages(await buildOwn())),
  ...(await buildRequired()),
  ...IN_THE_PAGE.map((name) => join(ROOT, 'node_modules', name, 'package.json')),
];
for (const path of DATA) cpSync(join(SOURCES, path), join(OUT, path), { recursive: true });
buildTypes();
const packages = bundledPackages(modules);
writeFileSync(
  join(OUT, 'bundled.json'),
  `${JSON.stringify(
    packages.map(({ name, version, licence }) => ({ name, version, licence })),
    null,
    2,
  )}\n`,
);
writeFileSync(join(OUT, 'THIRD-PARTY.txt'), licenceTexts(packages));
