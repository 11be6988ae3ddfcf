/** Facts about models for configured upstreams: used if neither the configuration nor a probe gives them. */
import { homedir } from 'node:os';
import type { Target } from '../core/decision.ts';
import type { ModelCatalogue, PublishedModel } from '../core/model-catalogue.ts';
import type { UpstreamConfig } from '../core/upstream-kind.ts';
import { findDownload, type DownloadableModel } from '../models/downloads.ts';
import type { EngineStore } from '../models/engine.ts';
import { languagesOf } from '../models/languages.ts';
import { listModels, type ModelEntry } from '../models/list.ts';
import {
  licenceWarning,
  measuredRange,
  operationsOf,
  type ReferenceModel,
} from '../models/reference-model.ts';
import { referenceModels } from '../models/reference.ts';
import { modelStore, storeSettings, type ModelStore } from '../models/store.ts';

/**
 * The model data that kinds of upstream use: the reference list, the downloads, and the local files. `say` gets a line for people,
 * once, about a model that must be fetched.
 */
export function modelCatalogue(
  store: ModelStore,
  engine: EngineStore,
  say: (line: string) => void = () => undefined,
): ModelCatalogue {
  const told = new Set<string>();
  return {
    find: (model) => {
      const known = referenceModels()(model);
      return known === undefined ? undefined : published(known);
    },
    servable: (name) => findDownload(name, store.models),
    file: async (name) => {
      const here = await store.cached(name);
      if (here !== undefined) return here;
      if (!told.has(name)) say(fetchLine(findDownload(name, store.models)));
      told.add(name);
      return await store.ensure(name);
    },
    engine: () => engine.ensure(),
  };
}

const fetchLine = ({ name, sizeBytes }: DownloadableModel): string =>
  `${name} is not here yet and is being fetched (${(sizeBytes / 1e9).toFixed(2)} GB); what is asked of it waits until it has come.`;

function published(model: ReferenceModel): PublishedModel {
  const { contextTokens, template, templateIsGiven } = model;
  return {
    trainedContextTokens: contextTokens,
    ...(templateIsGiven === true && template !== null ? { missingTemplate: template } : {}),
    chats: operationsOf(model).includes('chat'),
  };
}

/** A line printed at the start; undefined if the licence forbids nothing, or the model is unknown. */
export function licenceWarningFor({
  locality,
  model,
}: Pick<UpstreamConfig, 'locality' | 'model'>): string | undefined {
  const known = locality === 'local' ? referenceModels()(model) : undefined;
  return known === undefined ? undefined : licenceWarning(known);
}

/** The languages that a model of an upstream was made for: as configured, else by its card; undefined = not known, or all. */
export function modelLanguages(
  configured: ReadonlyMap<string, Pick<UpstreamConfig, 'languages'>>,
): (upstream: string, model: string) => readonly string[] | undefined {
  const find = referenceModels();
  const known = new Map<string, readonly string[] | undefined>();
  return (upstream, model) => {
    const written = configured.get(upstream)?.languages;
    if (written !== undefined) return written === 'all' ? undefined : written;
    if (!known.has(model)) {
      const found = find(model);
      known.set(model, found && languagesOf(found));
    }
    return known.get(model);
  };
}

/** Joules per output token as measured on other machines: for servers that no meter here covers. */
export function measuredElsewhere(
  isMetered: (target: Target) => boolean,
): (target: Target) => ReturnType<typeof measuredRange> {
  const find = referenceModels();
  return (target) => {
    const known = isMetered(target) ? undefined : find(target.model);
    return known === undefined ? undefined : measuredRange(known);
  };
}

/** The catalogue, with the files of it that are on this machine. */
export const localCatalogue = (): Promise<readonly ModelEntry[]> =>
  listModels(modelStore(storeSettings(process.env, homedir())));
