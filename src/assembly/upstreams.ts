/** Finds and builds the upstreams of an installation. */
import { homedir, totalmem } from 'node:os';
import { resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import {
  kindOf,
  type BuildTools,
  type UpstreamConfig,
  type UpstreamKind,
} from '../core/upstream-kind.ts';
import type { ModelCatalogue } from '../core/model-catalogue.ts';
import type { Upstream } from '../core/upstream.ts';
import { engineSettings, engineStore, type EngineStore } from '../models/engine.ts';
import { ensureFirstModel, likelyFirstModel } from '../models/first-model.ts';
import { suggestion } from '../lib/suggest.ts';
import { progressDisplay } from '../models/progress.ts';
import { modelStore, storeSettings, type ModelStore } from '../models/store.ts';
import { detectLocalServer, localHosts } from '../upstreams/detect.ts';
import { isModelFile, llamaCppConfig } from '../upstreams/llama-cpp/config.ts';
import { openaiConfig } from '../upstreams/openai/config.ts';
import { licenceWarningFor, modelCatalogue } from './model-catalogue.ts';

export interface FindOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Receives a line on each upstream or model that is found or fetched. */
  readonly printLine: (line: string) => void;
  readonly abort: AbortSignal;
  readonly onLoading?: BuildTools['onLoading'];
  readonly memory?: BuildTools['memory'];
  /** The kinds that the configuration was loaded with. */
  readonly kinds: readonly UpstreamKind[];
  /** Each of several processes would load a model of its own. */
  readonly isOneOfSeveral?: boolean;
}

/**
 * The configured upstreams; else the local server that answers or, if none does, a model in this process, and the cloud from the
 * environment. May download a model, with a progress bar.
 * @throws Error that says what to do, where nothing local answers or can be had
 */
export async function findUpstreams(
  config: Config,
  options: FindOptions,
): Promise<readonly Upstream[]> {
  const { env, kinds, printLine, onLoading, memory } = options;
  const store = modelStore(storeSettings(env, homedir()));
  const engine = engineStore(engineSettings(env, homedir()));
  const tools = {
    models: modelCatalogue(store, engine, printLine),
    lazy: false,
    env,
    say: printLine,
    ...(onLoading === undefined ? {} : { onLoading }),
    ...(memory === undefined ? {} : { memory }),
  };
  const build = (one: UpstreamConfig): Promise<Upstream> => kindOf(kinds, one).build(one, tools);
  if (config.upstreams.kind === 'configured') {
    const { list } = config.upstreams;
    for (const warning of list.flatMap((one) => licenceWarningFor(one) ?? [])) printLine(warning);
    return await Promise.all(list.map(build));
  }
  const { cloud } = config.upstreams;
  const server = await serverHere(options);
  if (server === undefined && options.isOneOfSeveral) throw noServerHere();
  const local = server ?? (await modelHere({ store, engine }, options));
  return await Promise.all([local, ...maybe(cloud)].map(build));
}

const noServerHere = (): Error =>
  new Error(
    "Several workers cannot serve a model in this process, since each would load its own, and no model server was found. Start one, such as Ollama or llama.cpp's, name it in `upstreams`, or serve with one worker.",
  );

/**
 * The same without asking or loading anything that is configured: for dry runs. Where nothing is, the local server or the model
 * that the gateway would use now.
 */
export async function describeUpstreams(
  { upstreams }: Config,
  { env, kinds }: Pick<FindOptions, 'env' | 'kinds'>,
): Promise<readonly Upstream[]> {
  const store = modelStore(storeSettings(env, homedir()));
  const models = catalogueFor(env);
  const list =
    upstreams.kind === 'configured'
      ? upstreams.list
      : [await localNow(store, env), ...maybe(upstreams.cloud)];
  return await Promise.all(
    list.map((one) => kindOf(kinds, one).build(one, { models, lazy: true, env })),
  );
}

/** One configured upstream. @throws Error that names those there are */
export async function buildUpstream(
  { upstreams }: Config,
  name: string,
  { env, kinds }: Pick<FindOptions, 'env' | 'kinds'>,
): Promise<Upstream> {
  const list = upstreams.kind === 'configured' ? upstreams.list : [];
  const found = list.find((one) => one.name === name);
  if (found !== undefined) return await kindOf(kinds, found).build(found, toolsFor(env));
  const names = list.map((one) => one.name);
  throw new Error(`No upstream is configured as '${name}' (${suggestion(name, names)}).`);
}

/** A model in this process, by its name in the catalogue or its file. */
export async function buildModel(
  model: string,
  { env, kinds }: Pick<FindOptions, 'env' | 'kinds'>,
): Promise<Upstream> {
  const config = llamaCppConfig('local', isModelFile(model) ? resolve(model) : model);
  return await kindOf(kinds, config).build(config, toolsFor(env));
}

const toolsFor = (env: FindOptions['env']): BuildTools => ({
  models: catalogueFor(env),
  lazy: false,
  env,
});

const catalogueFor = (env: FindOptions['env']): ModelCatalogue =>
  modelCatalogue(
    modelStore(storeSettings(env, homedir())),
    engineStore(engineSettings(env, homedir())),
  );

const maybe = <T>(value: T | undefined): readonly T[] => (value === undefined ? [] : [value]);

/** The local model that a start would take now; nothing is fetched. */
async function localNow(store: ModelStore, env: FindOptions['env']): Promise<UpstreamConfig> {
  const silent = { env, printLine: () => {}, abort: AbortSignal.timeout(DETECT_MS) };
  return (
    (await serverHere(silent)) ?? llamaCppConfig('local', await likelyFirstModel(store, totalmem()))
  );
}

/** An upper bound: an absent server is known at once. */
const DETECT_MS = 1000;

/** The small model that a start without configured upstreams would take now: its name, and where it is from. */
export async function smallModelNow(
  env: FindOptions['env'],
): Promise<{ readonly model: string; readonly locality: 'local'; readonly from: string }> {
  const found = await localNow(modelStore(storeSettings(env, homedir())), env);
  const url = 'url' in found && typeof found.url === 'string' ? found.url : undefined;
  return { model: found.model, locality: 'local', from: url ?? 'in this process' };
}

async function serverHere({
  env,
  printLine,
  abort,
}: Pick<FindOptions, 'env' | 'printLine' | 'abort'>): Promise<UpstreamConfig | undefined> {
  const hosts = localHosts(env);
  const server = await detectLocalServer({ abort, ...(hosts && { hosts }) });
  if (server === undefined) return undefined;
  const { dialect, ...found } = server;
  printLine(`Found ${dialect} at ${server.url} with ${server.model}.`);
  const own = openaiConfig({ name: 'local', locality: 'local', ...found, server: dialect });
  const warning = licenceWarningFor(own);
  if (warning !== undefined) printLine(warning);
  return own;
}

interface Fetched {
  readonly store: ModelStore;
  readonly engine: EngineStore;
}

async function modelHere(
  { store, engine }: Fetched,
  { printLine, abort }: FindOptions,
): Promise<UpstreamConfig> {
  printLine('No local model server answers, so a model will run in this process.');
  const display = progressDisplay(process.stderr);
  if (engine.found() === undefined) printLine('The engine for that is fetched with npm, once.');
  await engine.ensure({ abort, onProgress: display.update }).finally(display.stop);
  const { model } = await ensureFirstModel(store, {
    memoryBytes: totalmem(),
    abort,
    log: printLine,
    onProgress: display.update,
  }).finally(display.stop);
  return llamaCppConfig('local', model.name);
}
