/** What the catalogue says of a configured local model, where neither the configuration nor a probe does. */
import { homedir } from 'node:os';
import type { UpstreamConfig } from '../config/config.ts';
import type { Target } from '../core/decision.ts';
import type { Capability } from '../core/signal.ts';
import { listModels, type ModelEntry } from '../models/list.ts';
import { licenceWarning, measuredRange, operationsOf } from '../models/reference-model.ts';
import { referenceModels } from '../models/reference.ts';
import { modelStore, storeSettings } from '../models/store.ts';
import type { ChatTemplate } from '../upstreams/llama-cpp/upstream.ts';
import type { OpenaiOptions } from '../upstreams/openai/upstream.ts';

type Configured = Pick<UpstreamConfig, 'locality' | 'model' | 'capabilities'>;

/** For a server of whatever kind: an upper end of its window, and for base models what they can do. */
export function defaultsForServer(
  config: Configured,
): Pick<OpenaiOptions, 'trainedContextTokens' | 'capabilities'> {
  const known = config.locality === 'local' ? referenceModels()(config.model) : undefined;
  if (known === undefined) return {};
  return { trainedContextTokens: known.contextTokens, ...onlyCompletions(config) };
}

/** For a file of one's own: its chat template where the file has none. */
export function defaultsForFile(config: Configured): {
  readonly template?: ChatTemplate;
  readonly capabilities?: readonly Capability[];
} {
  const known = referenceModels()(config.model);
  const given = TEMPLATES.find(
    (name) => known?.templateIsGiven === true && name === known.template,
  );
  return { ...(given === undefined ? {} : { template: given }), ...onlyCompletions(config) };
}

/** Those of the catalogue that have to be given. */
const TEMPLATES = ['alpaca', 'vicuna', 'minicpm'] as const satisfies readonly ChatTemplate[];

/** A base model asked to chat would go on with the conversation by itself. */
function onlyCompletions({ model, capabilities }: Configured): {
  readonly capabilities?: readonly Capability[];
} {
  const known = referenceModels()(model);
  if (known === undefined || capabilities !== undefined) return {};
  return operationsOf(known).includes('chat') ? {} : { capabilities: ['text_completion'] };
}

/** A line for people at the start; undefined where nothing is forbidden, or the model is not known. */
export function licenceWarningFor({
  locality,
  model,
}: Pick<Configured, 'locality' | 'model'>): string | undefined {
  const known = locality === 'local' ? referenceModels()(model) : undefined;
  return known === undefined ? undefined : licenceWarning(known);
}

/** Joules per output token as measured on other machines: for servers that no meter here sees. */
export function measuredElsewhere(
  sees: (target: Target) => boolean,
): (target: Target) => ReturnType<typeof measuredRange> {
  const find = referenceModels();
  return (target) => {
    const known = sees(target) ? undefined : find(target.model);
    return known === undefined ? undefined : measuredRange(known);
  };
}

/** The catalogue, with what of it is on this machine. */
export const localCatalogue = (): Promise<readonly ModelEntry[]> =>
  listModels(modelStore(storeSettings(process.env, homedir())));
