/** A kind of upstream: an adapter with its part of the configuration. `app.ts` hands the kinds to `config/` and `assembly/`. */
import type { ByteBudget } from '../lib/byte-budget.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Problem } from '../lib/problems.ts';
import type { Secret } from '../lib/secret.ts';
import type { Locality } from './decision.ts';
import type { ModelCatalogue } from './model-catalogue.ts';
import type { RateLimits } from './rate-limits.ts';
import type { Capability } from './signal.ts';
import type { Upstream } from './upstream.ts';

/** What the configuration of every upstream says, whatever its kind. */
export interface UpstreamConfig {
  readonly kind: string;
  readonly name: string;
  readonly locality: Locality;
  /** What a routed request is sent as. */
  readonly model: string;
  /** Of its server, if it has one: prices are looked up by it. */
  readonly url?: string;
  /** Paths of what it is shown, and of who signs its own. */
  readonly tls?: { readonly cert?: string; readonly key?: string; readonly ca?: string };
  readonly contextTokens?: number;
  readonly capabilities?: readonly Capability[];
  /** Those that its model was made for, ISO 639-1. */
  readonly languages?: readonly string[] | 'all';
  readonly price?: {
    readonly inputUsdPerMillion: number;
    /** Default: the price of other input. */
    readonly cachedInputUsdPerMillion?: number;
    readonly outputUsdPerMillion: number;
  };
  /** US dollars a call, by carried route below `/v1`. */
  readonly fees?: Readonly<Record<string, number>>;
  /** It is asked no more than this, by all keys together. */
  readonly limits?: RateLimits;
  readonly energy?: {
    readonly inputJPerToken: number;
    readonly outputJPerToken: number;
    /** Joules a request costs before its first token. */
    readonly requestJ?: number;
  };
}

/** An upstream as its schema outputs it: checked, defaults filled in, secrets still as written. */
export interface RawUpstream {
  readonly kind: string;
  readonly name: string;
}

/** A `z.strictObject`, structurally, so that who imports `smallfirst/core` needs no zod. A member of `secretText` (`core/config-texts.ts`) is a secret. */
export interface Schema<Output> {
  readonly _zod: { readonly output: Output };
}

export interface ResolveTools {
  /** What relative paths count from. */
  readonly baseDir: string;
  /** The secret that a member holds, or the one of that name among its own; undefined where it is left out or empty. */
  secret(member: string, name?: string): Secret | undefined;
}

/** Where an upstream stands that is checked as written. */
export interface Surroundings {
  readonly baseDir: string;
  /** Names of the models that can be downloaded; undefined = not known here. */
  readonly models: readonly string[] | undefined;
  /** A problem with one of its members, with its place in the file. */
  problem(member: string, message: string): Problem;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface FromEnvironment<Config> {
  /** The cloud upstream that the environment names. */
  readonly cloud?: Config;
  readonly problems?: readonly { readonly variable: string; readonly message: string }[];
}

export interface BuildTools {
  readonly models: ModelCatalogue;
  /** Load nothing before the first request. */
  readonly lazy: boolean;
  /** Names the proxies of this machine; without it connections are direct. */
  readonly env?: Environment;
  /** Gets a line for people about how it is reached. */
  readonly say?: (line: string) => void;
  /** Called when a model begins to be loaded; what it returns, when that is over. */
  readonly onLoading?: () => () => void;
  /** What answers that are read whole count against. */
  readonly memory?: ByteBudget;
}

/**
 * The methods take what this kind's own schema and `resolve` gave: find the kind by `kind` first. They are declared as
 * methods so that a list can hold several kinds.
 */
export interface UpstreamKind<
  Raw extends RawUpstream = RawUpstream,
  Config extends UpstreamConfig = UpstreamConfig,
> {
  readonly kind: string;
  /** Shown in brackets behind its name, where another kind is refused. */
  readonly hint?: string;
  readonly schema: Schema<Raw>;
  /** Its model is loaded into this process: several processes would load several. */
  readonly isInThisProcess?: boolean;
  resolve(raw: Raw, tools: ResolveTools): Config;
  /** What the schema cannot see. `written` may have any shape, so that every mistake comes out at once. */
  problems?(written: JsonObject, around: Surroundings): readonly Problem[];
  /** Where no upstreams are configured. */
  fromEnvironment?(env: Environment): FromEnvironment<Config>;
  /** Whether it draws its power on this machine, so that a meter here sees it. */
  runsHere(config: Config): boolean;
  build(config: Config, tools: BuildTools): Promise<Upstream>;
}

/** @throws Error where the configuration was loaded with other kinds than are given here */
export function kindOf(
  kinds: readonly UpstreamKind[],
  { kind }: Pick<UpstreamConfig, 'kind'>,
): UpstreamKind {
  const found = kinds.find((each) => each.kind === kind);
  if (found !== undefined) return found;
  throw new Error(
    `No kind of upstream is called ${kind}: give the kinds that the configuration was loaded with.`,
  );
}
