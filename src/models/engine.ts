/** The embedded engine (node-llama-cpp): where it is, and its installation by the user's npm from a lock file of ours. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { GatewayError } from '../core/errors.ts';
import type { Environment } from '../core/upstream-kind.ts';
import { isObject } from '../lib/json.ts';
import { makeFolder } from '../lib/make-folder.ts';
import { fileLock, isCode } from './file-lock.ts';
import { npmCommand } from './npm.ts';

/** What its binaries compute on. Each has a folder in `engine/` with a lock file. */
export type EngineKind = 'cpu' | 'cuda' | 'vulkan';
export const ENGINE_KINDS = ['cpu', 'cuda', 'vulkan'] as const satisfies readonly EngineKind[];

const PACKAGE = 'node-llama-cpp';

/** Bytes on disk as installed on Linux (x64): only for the progress that is shown. */
const SIZE_BYTES: Readonly<Record<EngineKind, number>> = {
  cpu: 99e6,
  cuda: 637e6,
  vulkan: 170e6,
};

interface EngineProgress {
  readonly model: { readonly name: string };
  readonly doneBytes: number;
  readonly totalBytes: number;
}

interface EngineOptions {
  readonly onProgress?: (progress: EngineProgress) => void;
  readonly abort?: AbortSignal;
}

export interface EngineStore {
  /** What `import()` takes to load it; undefined where it is not here. */
  found(): string | undefined;
  /** Of what was found. */
  version(): string | undefined;
  /** The same, installed first where it is not here. Rejects with GatewayError that says what was wrong and what to do. */
  ensure(options?: EngineOptions): Promise<string>;
  /** Installs one kind, if it is not here. From then on it is preferred to `cpu`. */
  install(kind: EngineKind, options?: EngineOptions): Promise<string>;
}

export interface EngineSettings {
  readonly folder: string;
  readonly npm: readonly [string, ...string[]];
  /** Whether a package of that name beside this program counts. Default true: in a clone it is a development dependency. */
  readonly own?: boolean;
  /** Folder of the lock files. */
  readonly locks?: string;
}

/** Beside the folder of model files, or in it where `SMALLFIRST_CACHE` names it. */
export const engineSettings = (env: Environment, home: string): EngineSettings => ({
  folder: env['SMALLFIRST_CACHE']
    ? join(env['SMALLFIRST_CACHE'], 'engine')
    : join(home, '.cache', 'smallfirst', 'engine'),
  npm: npmCommand(env),
});

export function engineStore(settings: EngineSettings): EngineStore {
  const locks = settings.locks ?? join(import.meta.dirname, 'engine');
  // Named by its lock file: another version of this program that wants another engine gets its own.
  const folderOf = (kind: EngineKind): string => {
    const lock = readFileSync(join(locks, kind, 'package-lock.json'));
    const digest = createHash('sha256').update(lock).digest('hex').slice(0, 12);
    return join(settings.folder, `${kind}-${digest}`);
  };
  const entryOf = (kind: EngineKind): string =>
    pathToFileURL(join(folderOf(kind), 'node_modules', PACKAGE, 'dist', 'index.js')).href;
  const isHere = (kind: EngineKind): boolean => existsSync(folderOf(kind));
  const found = (): string | undefined => {
    if (settings.own !== false && beside() !== undefined) return PACKAGE;
    const kind = (['cuda', 'vulkan', 'cpu'] as const).find(isHere);
    return kind === undefined ? undefined : entryOf(kind);
  };
  const install = async (kind: EngineKind, options: EngineOptions = {}): Promise<string> => {
    const { abort = new AbortController().signal } = options;
    if (isHere(kind)) return entryOf(kind);
    try {
      makeFolder(settings.folder);
      await using lock = await fileLock(join(settings.folder, `${kind}.lock`), abort);
      void lock;
      // Another process may have finished it while this one waited.
      if (!isHere(kind))
        await installInto(folderOf(kind), { ...settings, ...options, abort, kind, locks });
    } catch (error) {
      if (error instanceof GatewayError || abort.aborted) throw error;
      throw unwritable(settings.folder, error);
    }
    return entryOf(kind);
  };
  return {
    found,
    install,
    version: () => {
      const entry = found();
      if (entry === undefined) return undefined;
      const file =
        entry === PACKAGE ? beside() : join(dirname(fileURLToPath(entry)), '..', 'package.json');
      return file === undefined ? undefined : versionIn(file);
    },
    ensure: async (options) => found() ?? (await install('cpu', options)),
  };
}

/** The description of a package of that name beside this program. */
function beside(): string | undefined {
  try {
    return findPackageJSON(PACKAGE, import.meta.url);
  } catch {
    // It throws where there is none.
    return undefined;
  }
}

function versionIn(file: string): string | undefined {
  const described: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return isObject(described) && typeof described['version'] === 'string'
    ? `${PACKAGE} ${described['version']}`
    : undefined;
}

interface Installing extends EngineSettings {
  readonly kind: EngineKind;
  readonly locks: string;
  readonly abort: AbortSignal;
  readonly onProgress?: EngineOptions['onProgress'];
}

/** Complete or not at all: it gets its name when npm has ended well. */
async function installInto(target: string, installing: Installing): Promise<void> {
  const { kind, locks, onProgress, abort } = installing;
  const folder = await mkdtemp(join(installing.folder, `.${kind}-`));
  const totalBytes = SIZE_BYTES[kind];
  const show = (doneBytes: number): void =>
    onProgress?.({ model: { name: `engine (${kind})` }, doneBytes, totalBytes });
  const watching = setInterval(() => {
    // A folder that npm is moving things in: a figure that cannot be had is left out.
    sizeOf(folder).then(
      (bytes) => show(Math.min(bytes, totalBytes)),
      () => undefined,
    );
  }, LOOK_EVERY_MS);
  try {
    await removeOthers(installing.folder, folder, `.${kind}-`);
    for (const file of ['package.json', 'package-lock.json'])
      await cp(join(locks, kind, file), join(folder, file));
    await runNpm(installing, folder, abort);
    await rename(folder, target);
    show(totalBytes);
  } finally {
    clearInterval(watching);
    await rm(folder, { recursive: true, force: true });
  }
}

/** What an installation left that was killed; the lock is held, so none is under way. */
async function removeOthers(folder: string, own: string, start: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(start));
  for (const path of names.map((name) => join(folder, name)))
    if (path !== own) await rm(path, { recursive: true, force: true });
}

const LOOK_EVERY_MS = 1000;

/** Bytes of the files below a folder. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(({ parentPath, name }) => stat(join(parentPath, name)).then(({ size }) => size)),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Every package is checked against the lock file's digest, and no script of a package runs. */
const NPM_ARGS = [
  'ci',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--prefer-offline',
  '--loglevel=error',
];
const MAX_STDERR_CHARS = 600;

async function runNpm(
  { npm: [command, ...before] }: Installing,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(command, [...before, ...NPM_ARGS], {
    cwd: folder,
    signal,
    stdio: ['ignore', 'ignore', 'pipe'],
    // npm is a .cmd file there, which only a shell can start; no argument comes from outside.
    shell: process.platform === 'win32',
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text));
  child.once('error', (error) =>
    reject(signal.aborted ? signal.reason : failed(`npm cannot be started (${error.message})`)),
  );
  child.once('close', (code) => {
    if (code === 0) resolve();
    else if (/ENOSPC/.test(stderr)) reject(full(folder));
    else reject(failed(`npm ended with code ${code}: ${stderr.trim().slice(0, MAX_STDERR_CHARS)}`));
  });
  await promise;
}

const failed = (why: string): GatewayError =>
  new GatewayError(
    'upstream_unreachable',
    `The embedded engine could not be fetched: ${why}. Check that npm works here (npm ping), then run ` +
      'smallfirst runtime install; or start a model server, such as Ollama, which needs no engine.',
  );

const full = (folder: string): GatewayError =>
  new GatewayError(
    'gateway_internal',
    `${folder} has no space for the embedded engine. Free some, or set SMALLFIRST_CACHE to another disk.`,
  );

function unwritable(folder: string, error: unknown): GatewayError {
  if (isCode(error, 'ENOSPC')) return full(folder);
  const why = error instanceof Error ? error.message : String(error);
  return new GatewayError(
    'gateway_internal',
    `The engine cannot be put into ${folder} (${why}). Set SMALLFIRST_CACHE to a folder that can be written.`,
    { cause: error },
  );
}
