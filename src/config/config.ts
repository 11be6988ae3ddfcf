/** The configuration as the code reads it: complete, frozen, secrets wrapped. */
import type { Locality } from '../core/decision.ts';
import type { DialectName } from '../core/dialect-names.ts';
import type { Capability } from '../core/signal.ts';
import type { Secret } from '../lib/secret.ts';
import type { RawConfig } from './schema.ts';

interface UpstreamOverrides {
  readonly contextTokens?: number;
  readonly capabilities?: readonly Capability[];
  readonly price?: {
    readonly inputUsdPerMillion: number;
    /** Default: the price of other input. */
    readonly cachedInputUsdPerMillion?: number;
    readonly outputUsdPerMillion: number;
  };
  readonly energy?: {
    readonly inputJPerToken: number;
    readonly outputJPerToken: number;
    /** Joules a request costs before its first token. */
    readonly requestJ?: number;
  };
}

export interface OpenAiUpstreamConfig extends UpstreamOverrides {
  readonly kind: 'openai';
  readonly name: string;
  readonly locality: Locality;
  /** Base URL, without a slash at its end. */
  readonly url: string;
  /** What a routed request is sent as. */
  readonly model: string;
  /** Further names that a caller may pin. */
  readonly models: readonly string[];
  readonly apiKey?: Secret;
  /** Which server answers there, where it should not be found out: `ollama`, `vllm`, … */
  readonly server?: DialectName;
  readonly timeouts: {
    readonly connectMs?: number;
    readonly firstByteMs?: number;
    readonly idleMs?: number;
    readonly wholeMs?: number;
  };
}

export interface LlamaCppUpstreamConfig extends UpstreamOverrides {
  readonly kind: 'llama-cpp';
  readonly name: string;
  readonly locality: 'local';
  /** A name of the model catalogue, or the absolute path of a GGUF. */
  readonly model: string;
  readonly threads?: number;
  readonly gpuLayers?: number;
}

export type UpstreamConfig = OpenAiUpstreamConfig | LlamaCppUpstreamConfig;

/** As configured; or, without any, whatever local model is found and the cloud that the environment names. */
export type UpstreamsConfig =
  | { readonly kind: 'configured'; readonly list: readonly UpstreamConfig[] }
  | { readonly kind: 'auto'; readonly local: 'detect'; readonly cloud?: OpenAiUpstreamConfig };

interface ApiKeyConfig {
  readonly name: string;
  readonly key: Secret;
  readonly labels: Readonly<Record<string, string>>;
  readonly mayOverride: boolean;
}

export type AuthConfig =
  | { readonly mode: 'open' }
  | { readonly mode: 'keys'; readonly adminKey?: Secret; readonly keys: readonly ApiKeyConfig[] };

export type StoreConfig =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: Secret }
  | { readonly kind: 'memory' };

export interface Config {
  /** Absolute; undefined when there is no file. */
  readonly file?: string;
  /** What relative paths count from: the file's folder, else the working directory. */
  readonly baseDir: string;
  readonly server: Readonly<Omit<RawConfig['server'], 'cors'>> & {
    /** Allowed origins; `*` = any. */
    readonly cors: readonly string[];
  };
  readonly auth: AuthConfig;
  readonly upstreams: UpstreamsConfig;
  /** A shipped policy's name, or an absolute path. */
  readonly policy: string;
  /** Undefined = every model that the cloud lists. */
  readonly interceptModels?: readonly string[];
  readonly store: StoreConfig;
  readonly shared: { readonly redis?: Secret };
  readonly energy: Readonly<RawConfig['energy']>;
  readonly log: Readonly<RawConfig['log']>;
  readonly limits: Readonly<RawConfig['limits']>;
}
