/** Options of an embedded model: its configuration, completed from the catalogue. */
import { basename } from 'node:path';
import type { ModelCatalogue } from '../../core/model-catalogue.ts';
import type { BuildTools } from '../../core/upstream-kind.ts';
import { onlyCompletions } from '../only-completions.ts';
import { isModelFile, type LlamaCppConfig } from './config.ts';
import type { ChatTemplate } from './protocol.ts';
import type { LlamaCppOptions } from './upstream-options.ts';

/** @throws GatewayError for a name that the catalogue does not have */
export function llamaCppOptions(
  config: LlamaCppConfig,
  { models, lazy, onLoading, say }: BuildTools,
): LlamaCppOptions {
  const { kind: _, model, gpuLayers, ...others } = config;
  return {
    ...(isModelFile(model) ? fromFile(model, models) : fromCatalogue(model, models)),
    ...others,
    ...(gpuLayers === undefined || gpuLayers === 0 ? {} : { gpu: 'auto' as const, gpuLayers }),
    lazy,
    engine: () => models.engine(),
    ...(onLoading === undefined ? {} : { onLoading }),
    ...(say === undefined ? {} : { say }),
  };
}

type ModelOptions = Omit<LlamaCppOptions, 'name'>;

/** The file is fetched when first needed, if it is missing: requests wait for it. */
function fromCatalogue(name: string, models: ModelCatalogue): ModelOptions {
  const {
    name: model,
    sha256,
    contextTokens,
    template,
    sampling,
    systemLine,
    maxOutputTokens,
  } = models.servable(name);
  return {
    model,
    modelFile: () => models.file(name),
    ...(sha256 === undefined ? {} : { modelDigest: `sha256:${sha256}` }),
    contextTokens,
    template,
    sampling,
    ...(systemLine === undefined ? {} : { systemLine }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  };
}

/** A local file gets the chat template that it lacks. */
function fromFile(path: string, models: ModelCatalogue): ModelOptions {
  const known = models.find(path);
  const template = TEMPLATES.find((name) => name === known?.missingTemplate);
  return {
    model: basename(path, '.gguf'),
    modelFile: path,
    ...(template === undefined ? {} : { template }),
    ...(known === undefined ? {} : onlyCompletions(known)),
  };
}

/** Chat templates of the catalogue that must be set explicitly. */
const TEMPLATES = ['alpaca', 'vicuna', 'minicpm'] as const satisfies readonly ChatTemplate[];
