/** Resolves the model name, or the override header: contract, "Model names". */
import type { Call, Caller } from '../core/call.ts';
import type { ModelSelector } from '../core/decision.ts';
import { GatewayError } from '../core/errors.ts';
import { didYouMean } from '../lib/suggest.ts';
import { carriedModel } from './carried-usage.ts';

/**
 * What model names mean in this installation; built from the configuration and the upstreams' own
 * lists.
 */
export interface ModelNames {
  /** True for a large model's own name that is routed anyway, so that existing code works unchanged. */
  intercepts(model: string): boolean;
  /** True if the upstream is configured and lists the model, or its list is not complete. */
  hasTarget(upstream: string, model: string): boolean;
  /** The upstream that lists this model under its bare name. */
  upstreamOf(model: string): string | undefined;
  /** Every name that `GET /v1/models` lists. */
  listed(): readonly string[];
}

/**
 * @throws GatewayError `caller_unknown_model` (404, OpenAI's `model_not_found`) for a name that no upstream has,
 * `caller_forbidden` for a choice that the caller's key may not make.
 */
export function resolveModel(call: Call, names: ModelNames): ModelSelector {
  refuseOtherModels(call);
  if (call.override !== undefined) return overridden(call, call.override, names);
  if (call.operation === 'passthrough') return carried(call, names);
  const model = call.requestedModel;
  if (model === 'auto' || model === '') return { kind: 'routed' };
  if (call.operation === 'embeddings') return embeddingModel(call, names);
  if (model === 'small' || model === 'large') return allowed(call, { kind: 'tier', tier: model });
  if (names.intercepts(model)) return { kind: 'routed', largeModel: model };
  const pinned = parsePinned(model, names);
  if (pinned !== undefined) return allowed(call, pinned);
  if (isClientsDefault(call, names)) return { kind: 'routed' };
  throw unknownModel(call, names);
}

/** Clients of `/v1/messages` name a model of Anthropic's and nothing else, whichever upstreams stand behind. */
const isClientsDefault = ({ operation, requestedModel }: Call, names: ModelNames): boolean =>
  operation === 'messages' &&
  requestedModel.startsWith('claude-') &&
  names.upstreamOf(requestedModel) === undefined;

function overridden(call: Call, override: string, names: ModelNames): ModelSelector {
  if (override === 'small' || override === 'large') {
    return allowed(call, { kind: 'tier', tier: override });
  }
  const pinned = parsePinned(override, names);
  if (pinned !== undefined) return allowed(call, pinned);
  throw new GatewayError(
    'caller_invalid',
    `X-Smallfirst-Route is '${clip(override)}'. Use 'small', 'large', or '<upstream>/<model>' with a configured upstream.`,
    { param: 'X-Smallfirst-Route' },
  );
}

/** What is carried goes to the cloud; whoever names another place chooses one. */
function carried(call: Call, names: ModelNames): ModelSelector {
  const chosen = parsePinned(call.requestedModel, names);
  if (chosen !== undefined) allowed(call, chosen);
  return { kind: 'tier', tier: 'large' };
}

/** The name in the body, and the one in the header that goes before it. No name is `auto`; a carried body may have none. */
function refuseOtherModels(call: Call): void {
  const models = call.caller.only?.models;
  if (models === undefined) return;
  const isCarried = call.operation === 'passthrough';
  const named = isCarried ? carriedModel(call) : call.requestedModel || 'auto';
  const given = [named, call.override ?? ''].filter((name) => name !== '');
  const other = given.find((name) => !isAmong(name, models));
  if (other === undefined) return;
  throw new GatewayError(
    'caller_forbidden',
    `Key '${call.caller.name}' may not ask for '${clip(other)}'; it may ask for ${models.join(', ')}.`,
    { param: 'model' },
  );
}

/** `gpt-4o*` stands for all that begin so. */
export const isAmong = (name: string, models: readonly string[]): boolean =>
  models.some((model) =>
    model.endsWith('*') ? name.startsWith(model.slice(0, -1)) : name === model,
  );

/** Vectors of different models do not mix, so a named embedding model is served by its owner or not at all. */
function embeddingModel(call: Call, names: ModelNames): ModelSelector {
  const model = call.requestedModel;
  if (model === 'small' || model === 'large') return allowed(call, { kind: 'tier', tier: model });
  const pinned = parsePinned(model, names);
  if (pinned !== undefined) return allowed(call, pinned);
  const upstream = names.upstreamOf(model);
  if (upstream !== undefined) return { kind: 'pinned', upstream, model };
  if (names.intercepts(model)) return { kind: 'routed', largeModel: model };
  throw unknownModel(call, names);
}

function parsePinned(
  name: string,
  names: ModelNames,
): Extract<ModelSelector, { kind: 'pinned' }> | undefined {
  const slash = name.indexOf('/');
  if (slash <= 0 || slash === name.length - 1) return undefined;
  const upstream = name.slice(0, slash);
  const model = name.slice(slash + 1);
  return names.hasTarget(upstream, model) ? { kind: 'pinned', upstream, model } : undefined;
}

function allowed(call: Call, ask: ModelSelector): ModelSelector {
  if (call.caller.mayOverride) return ask;
  throw new GatewayError(
    'caller_forbidden',
    `Key '${call.caller.name}' may not choose where its requests go. Send model 'auto', or ask for a key with mayOverride.`,
    { param: 'model' },
  );
}

function unknownModel({ requestedModel: model, caller }: Call, names: ModelNames): GatewayError {
  return new GatewayError(
    'caller_unknown_model',
    `The model '${clip(model)}' does not exist here.${hint(model, caller, names)}`,
    {
      param: 'model',
      wireCode: 'model_not_found',
    },
  );
}

/** Characters of a name for which a likely one is looked for, among all that there are. */
const LONGEST_MISTYPED = 40;

function hint(model: string, { only }: Caller, names: ModelNames): string {
  const owner = names.upstreamOf(model);
  if (owner !== undefined)
    return ` To pin it, ask for '${owner}/${clip(model)}'; to be routed, for 'auto'.`;
  const open = names
    .listed()
    .filter((name) => only?.models === undefined || isAmong(name, only.models));
  const question = model.length > LONGEST_MISTYPED ? '' : didYouMean(model, open);
  return `${question} Use 'auto' to be routed, 'small' or 'large' for a tier, or a name from GET /v1/models.`;
}

const clip = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
