/**
 * The program of the package: our modules and the packages that they need in a few files, since Node takes longer to find and read six hundred
 * of them than to run what they do at the start.
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { rolldown, type Plugin } from 'rolldown';
import { literalsAsTables } from './literals.ts';
import { noteImports, partsOf } from './parts.ts';

export interface Built {
  readonly sources: string;
  readonly out: string;
}

/** What is started as a thread, by its file. */
const THREADS = [
  'bodies/worker',
  'policy/worker',
  'signals/domain/worker',
  'signals/encoder/worker',
  'stores/collected/worker',
  'stores/postgres/forward-worker',
  'stores/sqlite/worker',
  'upstreams/llama-cpp/worker',
];

/** What is started or imported by its file. */
const ENTRIES = ['bin', 'main', 'core/index', ...THREADS];

/** Loaded with `require` when they are first needed, and where they lie in `dist/`: a table alone, not its package. */
const REQUIRED: Readonly<Record<string, string>> = {
  'tiktoken/lite': 'vendor/tiktoken/lite.cjs',
  'tiktoken/encoders/o200k_base.json': 'vendor/tiktoken/o200k_base.json',
  'tiktoken/encoders/cl100k_base.json': 'vendor/tiktoken/cl100k_base.json',
  '@pydantic/genai-prices': 'vendor/prices.cjs',
  '@tgwf/co2/data': 'vendor/co2-data.json',
};

/** Of these what is read of it (`meters/yearly-grid.ts`): five years are 360 kB, which a gateway would read and keep at its start. */
const SHORTENED: Readonly<Record<string, (whole: Co2Data) => Co2Data>> = {
  '@tgwf/co2/data': ({ averageIntensity, electricityMaps }) => ({
    averageIntensity: { data: averageIntensity.data },
    electricityMaps: { yearly2025: { data: intensities(electricityMaps.yearly2025.data) } },
  }),
};

interface Co2Data {
  readonly averageIntensity: { readonly data: object };
  readonly electricityMaps: { readonly yearly2025: { readonly data: Zones } };
}

type Zones = Readonly<Record<string, { readonly carbonIntensity: { readonly value: unknown } }>>;

const intensities = (zones: Zones): Zones =>
  Object.fromEntries(
    Object.entries(zones).map(([zone, { carbonIntensity }]) => [
      zone,
      { carbonIntensity: { value: carbonIntensity.value } },
    ]),
  );

const require = createRequire(import.meta.url);

/** A specifier of one file in another. */
function between(from: string, to: string): string {
  const path = relative(dirname(from), to).replaceAll('\\', '/');
  return path.startsWith('.') ? path : `./${path}`;
}

/** Where a module of ours would lie if it had a file of its own: what it names as its neighbour is found from there. */
const placeOf = ({ sources }: Built, id: string): string =>
  relative(sources, id).replaceAll('\\', '/').replace(/\.ts$/, '.js');

/** Stands for the way from the file that a module is in to the place of that module, until the file is known. */
const mark = (place: string): string => `from-here-to:${place}`;
const MARKED = /from-here-to:([^'"`]+)/g;

/** Our modules find workers, data and each `require` of a package by their own places, wherever they were put. */
function places(built: Built): Plugin {
  return {
    name: 'places',
    transform(code, id) {
      if (!id.endsWith('.ts') || !id.startsWith(built.sources) || !code.includes('import.meta.'))
        return null;
      const place = placeOf(built, id);
      let changed = code
        .replaceAll('import.meta.url', `new URL('${mark(place)}', import.meta.url).href`)
        .replaceAll(
          'import.meta.dirname',
          `(import.meta.dirname + '/' + '${mark(dirname(place))}')`,
        );
      for (const [specifier, file] of Object.entries(REQUIRED))
        changed = changed.replaceAll(`('${specifier}')`, `('${between(place, file)}')`);
      return changed;
    },
  };
}

/** Tables stay files of JSON, which is read faster than a program that says the same, and is not kept beside its value. */
function tables(built: Built): Plugin {
  return {
    name: 'tables',
    load(id) {
      if (!id.startsWith(built.sources) || !id.endsWith('.json')) return null;
      const place = placeOf(built, id);
      mkdirSync(dirname(join(built.out, place)), { recursive: true });
      cpSync(id, join(built.out, place));
      return {
        code: `import { readFileSync } from 'node:fs';
import { shippedFile } from ${JSON.stringify(join(built.sources, 'lib/shipped-file.ts'))};
export default shippedFile('${place}', () => JSON.parse(readFileSync(new URL('${mark(place)}', import.meta.url), 'utf8')));`,
        moduleType: 'js',
      };
    },
  };
}

/** HTTP/2, which no connection of ours speaks, is loaded with the first that does. */
const lateHttp2: Plugin = {
  name: 'late-http2',
  transform(code, id) {
    if (!id.endsWith('undici/lib/dispatcher/client.js')) return null;
    const eager = "const connectH2 = require('./client-h2.js')";
    if (!code.includes(eager)) throw new Error('undici loads HTTP/2 by other words');
    return code.replace(
      eager,
      "const connectH2 = (...given) => require('./client-h2.js')(...given)",
    );
  },
};

/** What is used of undici, in its folder: the package's own entry also loads `fetch`, web sockets, caches and mocks. */
const UNDICI: Readonly<Record<string, string>> = {
  Client: 'dispatcher/client.js',
  EnvHttpProxyAgent: 'dispatcher/env-http-proxy-agent.js',
  Pool: 'dispatcher/pool.js',
  ProxyAgent: 'dispatcher/proxy-agent.js',
  errors: 'core/errors.js',
};

/** As the package's entry does: dispatchers get their methods there. */
const lightUndici: Plugin = {
  name: 'light-undici',
  resolveId: (id) => (id === 'undici' ? '\0light-undici' : null),
  load(id) {
    if (id !== '\0light-undici') return null;
    const folder = join(dirname(require.resolve('undici/package.json')), 'lib');
    const from = (file: string): string => JSON.stringify(join(folder, file));
    return [
      `import dispatcher from ${from('dispatcher/dispatcher.js')};`,
      `import api from ${from('api/index.js')};`,
      'Object.assign(dispatcher.prototype, api);',
      ...Object.entries(UNDICI).map(
        ([name, file]) => `export { default as ${name} } from ${from(file)};`,
      ),
    ].join('\n');
  },
};

/**
 * One character beyond ASCII, and Node hands V8 the whole file in two bytes a character. In `String.raw` the escape stays as it is, which
 * means the same where the text is a regular expression, and all of ours are.
 */
const inOneByte = (code: string): string =>
  code.replaceAll(/(\\*)([^\0-\u007F])/g, (_, before: string, unit: string) => {
    const escaped = `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
    // A character that is escaped for no reason needs no backslash of its own.
    return (before.length % 2 === 1 ? before.slice(1) : before) + escaped;
  });

/** As rolldown writes them, each on a line of its own. */
const IMPORT = /^import (\w+|\{[^}]+\}) from "([^"]+)";$/gm;

/**
 * Node's modules are asked for, not imported: an `import` reads each of a module's names, and some of them load what is never used here
 * (a client of `node:http`, streams of `node:fs`, the web's cryptography).
 */
const askForBuiltins = (code: string): string =>
  code.replaceAll(IMPORT, (line: string, taken: string, module: string) =>
    isBuiltin(module)
      ? `const ${taken.replaceAll(' as ', ': ')} = process.getBuiltinModule('${module}');`
      : line,
  );

/** What can be done only where it is known which file a module is in. */
const finish: Plugin = {
  name: 'finish',
  generateBundle(_, files) {
    for (const file of Object.values(files)) {
      if (file.type !== 'chunk') continue;
      const { fileName } = file;
      file.code = inOneByte(
        askForBuiltins(
          file.code.replaceAll(MARKED, (__, place: string) => between(fileName, place)),
        ),
      );
    }
  },
};

/** @returns the modules that are in it, by their paths */
export async function bundle(built: Built): Promise<readonly string[]> {
  const { sources, out } = built;
  const input = Object.fromEntries(ENTRIES.map((entry) => [entry, join(sources, `${entry}.ts`)]));
  const { imports, plugin } = noteImports();
  const plugins = [places(built), tables(built), lightUndici, lateHttp2, finish];
  const given = { input, platform: 'node', external: ['node-llama-cpp'] } as const;
  const noted = await rolldown({ ...given, plugins: [...plugins, plugin] });
  await noted.generate({ format: 'esm' });
  await noted.close();
  const made = await rolldown({ ...given, plugins });
  const { output } = await made.write({
    dir: out,
    format: 'esm',
    comments: false,
    codeSplitting: { groups: [...partsOf(imports, sources, THREADS)] },
    entryFileNames: '[name].js',
    chunkFileNames: 'parts/[name]-[hash].js',
  });
  await made.close();
  return output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
}

/** @returns the modules that are in it, by their paths */
export async function bundleRequired({ out }: Built): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const [specifier, file] of Object.entries(REQUIRED)) {
    const source = require.resolve(specifier);
    mkdirSync(dirname(join(out, file)), { recursive: true });
    ids.push(source);
    const shorten = SHORTENED[specifier];
    if (shorten !== undefined) {
      writeFileSync(join(out, file), JSON.stringify(shorten(require(specifier))));
      continue;
    }
    if (file.endsWith('.json')) {
      cpSync(source, join(out, file));
      continue;
    }
    const target = join(out, file);
    const plugins = [literalsAsTables(target)];
    const made = await rolldown({ input: source, platform: 'node', plugins });
    const { output } = await made.write({ file: target, format: 'cjs' });
    await made.close();
    ids.push(...output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : [])));
  }
  const wasm = 'tiktoken_bg.wasm';
  cpSync(join(dirname(require.resolve('tiktoken/lite')), wasm), join(out, 'vendor/tiktoken', wasm));
  return ids;
}
