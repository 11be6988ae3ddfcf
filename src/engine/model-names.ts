/** What model names mean in this installation. */
import type { ListedModel } from '../core/upstream.ts';
import type { UpstreamFacts } from '../core/decision.ts';
import type { ModelNames } from './resolve-model.ts';
import type { Upstreams } from './egress.ts';

export interface NamesOptions {
  readonly upstreams: Upstreams;
  /** The large tier's upstream, whose models are routed under their own names. */
  readonly largeUpstream: () => string;
  /** As configured; undefined: every model that the large tier's upstream lists. */
  readonly interceptModels?: readonly string[];
  /** True for a model in the price catalogue: for a cloud that is absent or does not list its models. */
  readonly isPriced: (model: string) => boolean;
}

/** True if its configuration or its own list has the model. */
const lists = (facts: UpstreamFacts, model: string): boolean =>
  model === facts.model || facts.models.includes(model);

/** The first upstream that lists this model under its bare name. */
export function listing(upstreams: Upstreams, model: string): string | undefined {
  for (const [name, upstream] of upstreams) {
    if (lists(upstream.facts(), model)) return name;
  }
  return undefined;
}

export function createNames(options: NamesOptions): ModelNames {
  const { upstreams, largeUpstream, interceptModels, isPriced } = options;
  const configured = interceptModels && new Set(interceptModels);
  return {
    intercepts: (model) => {
      if (configured !== undefined) return configured.has(model);
      const facts = upstreams.get(largeUpstream())?.facts();
      if (facts === undefined || facts.models.length === 0) return isPriced(model);
      return lists(facts, model);
    },
    hasTarget: (upstream, model) => {
      const facts = upstreams.get(upstream)?.facts();
      if (facts === undefined) return false;
      // A cloud's list is seldom complete (fine-tunes, previews), so the cloud itself decides.
      const isOpen = facts.locality === 'cloud' || facts.models.length === 0;
      return isOpen || lists(facts, model);
    },
    upstreamOf: (model) => listing(upstreams, model),
    listed: () => listedModels(options).map(({ id }) => id),
  };
}

/** `GET /v1/models`: the gateway's own names, the intercepted models, and what may be pinned. */
export function listedModels({
  upstreams,
  largeUpstream,
  interceptModels,
}: NamesOptions): readonly ListedModel[] {
  const large = largeUpstream();
  const listed = new Map<string, string>();
  for (const word of ['auto', 'small', 'large']) listed.set(word, 'smallfirst');
  for (const model of interceptModels ?? upstreams.get(large)?.facts().models ?? []) {
    listed.set(model, large);
  }
  for (const [name, upstream] of upstreams) {
    const { model, models } = upstream.facts();
    for (const one of new Set([model, ...models])) listed.set(`${name}/${one}`, name);
  }
  return [...listed].map(([id, ownedBy]) => ({ id, ownedBy }));
}
