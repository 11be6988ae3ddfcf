/** Finds and builds the upstreams of an installation. */
import { homedir, totalmem } from 'node:os';
import { basename } from 'node:path';
import type { Config, OpenAiUpstreamConfig, LlamaCppUpstreamConfig } from '../config/config.ts';
import type { Upstream } from '../core/upstream.ts';
import { findDownload, type DownloadableModel } from '../models/downloads.ts';
import { ensureFirstModel } from '../models/first-model.ts';
import { progressDisplay } from '../models/progress.ts';
import { modelStore, storeSettings, type ModelStore } from '../models/store.ts';
import { detectLocalServer } from '../upstreams/detect.ts';
import { createUpstream } from '../upstreams/index.ts';
import type { LlamaCppOptions } from '../upstreams/llama-cpp/upstream.ts';
import { defaultsForFile, defaultsForServer, licenceWarningFor } from './catalogue-defaults.ts';

export interface FindOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Gets a line for people about what is found and fetched. */
  readonly say: (line: string) => void;
  readonly abort: AbortSignal;
  readonly onLoading?: LlamaCppOptions['onLoading'];
}

/**
 * As configured; else the local server that answers or, where none does, a model in this process, and
 * the cloud that the environment names. May download a model, with a progress bar.
 */
export async function findUpstreams(
  config: Config,
  options: FindOptions,
): Promise<readonly Upstream[]> {
  const store = modelStore(storeSettings(options.env, homedir()));
  if (config.upstreams.kind === 'configured') {
    const { list } = config.upstreams;
    for (const warning of list.flatMap((one) => licenceWarningFor(one) ?? [])) options.say(warning);
    return await Promise.all(list.map((one) => build(one, store, options)));
  }
  const { cloud } = config.upstreams;
  const local = (await serverHere(options)) ?? (await modelHere(store, options));
  return cloud === undefined ? [local] : [local, await build(cloud, store)];
}

/** The same, as far as can be said without asking or loading anything: for dry runs. */
export async function describeUpstreams(
  { upstreams }: Config,
  env: FindOptions['env'],
): Promise<readonly Upstream[]> {
  const store = modelStore(storeSettings(env, homedir()));
  const list =
    upstreams.kind === 'configured' ? upstreams.list : [ASSUMED_LOCAL, ...maybe(upstreams.cloud)];
  return await Promise.all(list.map((one) => build(one, store, { lazy: true })));
}

const maybe = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);

/** What a dry run takes the local model for where nothing is configured. */
const ASSUMED_LOCAL: LlamaCppUpstreamConfig = {
  kind: 'llama-cpp',
  name: 'local',
  locality: 'local',
  model: 'qwen3-1.7b',
};

async function serverHere({ say, abort }: FindOptions): Promise<Upstream | undefined> {
  const server = await detectLocalServer({ abort });
  if (server === undefined) return undefined;
  say(`Found ${server.dialect} at ${server.url} with ${server.model}.`);
  const own = { name: 'local', locality: 'local', ...server } as const;
  const warning = licenceWarningFor(own);
  if (warning !== undefined) say(warning);
  return await createUpstream('openai', { ...own, ...defaultsForServer(own) });
}

async function modelHere(
  store: ModelStore,
  { say, abort, onLoading }: FindOptions,
): Promise<Upstream> {
  say('No local model server answers, so a model will run in this process.');
  const display = progressDisplay(process.stderr);
  const { model, file } = await ensureFirstModel(store, {
    memoryBytes: totalmem(),
    abort,
    say,
    onProgress: display.update,
  }).finally(display.stop);
  return await createUpstream('llama-cpp', {
    name: 'local',
    modelFile: file,
    ...served(model),
    ...(onLoading === undefined ? {} : { onLoading }),
  });
}

async function build(
  config: OpenAiUpstreamConfig | LlamaCppUpstreamConfig,
  store: ModelStore,
  { lazy = false, onLoading }: Pick<LlamaCppOptions, 'lazy' | 'onLoading'> = {},
): Promise<Upstream> {
  if (config.kind === 'openai') {
    const { apiKey, kind, server, ...options } = config;
    return await createUpstream(kind, {
      ...defaultsForServer(config),
      ...options,
      ...(server === undefined ? {} : { dialect: server }),
      ...(apiKey === undefined ? {} : { apiKey: apiKey.reveal() }),
    });
  }
  const { kind, model, gpuLayers, ...others } = config;
  const isFile = model.endsWith('.gguf');
  return await createUpstream(kind, {
    ...(isFile
      ? { model: basename(model, '.gguf'), modelFile: model, ...defaultsForFile(config) }
      : fetched(model, store)),
    ...others,
    ...(gpuLayers === undefined || gpuLayers === 0 ? {} : { gpu: 'auto' as const, gpuLayers }),
    lazy,
    ...(onLoading === undefined ? {} : { onLoading }),
  });
}

/** Fetched when it is first needed, if it is not here: requests wait for it. */
const fetched = (
  name: string,
  store: ModelStore,
): Served & { modelFile: () => Promise<string> } => ({
  ...served(findDownload(name, store.models)),
  modelFile: () => store.ensure(name),
});

type Served = Pick<
  LlamaCppOptions,
  'model' | 'modelDigest' | 'contextTokens' | 'template' | 'sampling'
>;

const served = ({
  name,
  sha256,
  contextTokens,
  template,
  sampling,
}: DownloadableModel): Served => ({
  model: name,
  ...(sha256 === undefined ? {} : { modelDigest: `sha256:${sha256}` }),
  contextTokens,
  template,
  sampling,
});
