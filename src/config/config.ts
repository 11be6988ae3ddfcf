/** The configuration as the code reads it: complete, frozen, secrets wrapped. */
import type { BudgetSettings } from '../core/budget-settings.ts';
import type { CarriedRoute } from '../core/carried.ts';
import type { KeySettings } from '../core/keys.ts';
import type { RateLimits } from '../core/rate-limits.ts';
import type { StoreSettings } from '../core/store.ts';
import type { UpstreamConfig } from '../core/upstream-kind.ts';
import type { PhoneRegion } from '../core/phone-regions.ts';
import type { Secret } from '../lib/secret.ts';
import type { RawConfig } from './schema.ts';

/** The configured upstreams; or, without any, the local model that is found and the cloud from the environment. */
export type UpstreamsConfig =
  | { readonly kind: 'configured'; readonly list: readonly UpstreamConfig[] }
  | { readonly kind: 'auto'; readonly local: 'detect'; readonly cloud?: UpstreamConfig };

interface ApiKeyConfig extends KeySettings {
  readonly name: string;
  readonly key: Secret;
}

export type AuthConfig =
  | { readonly mode: 'open' }
  | {
      readonly mode: 'keys';
      readonly adminKey?: Secret;
      /** Reads reports and records, and changes nothing. */
      readonly viewerKey?: Secret;
      readonly keys: readonly ApiKeyConfig[];
      /** Limits of all keys of a team together. */
      readonly teams: readonly { readonly name: string; readonly limits: RateLimits }[];
    };

export interface Config {
  /** Absolute; undefined when there is no file. */
  readonly file?: string;
  /** Base of relative paths: the file's folder, else the working directory. */
  readonly baseDir: string;
  readonly server: Readonly<Omit<RawConfig['server'], 'cors' | 'hosts'>> & {
    /** Allowed origins; `*`: any. */
    readonly cors: readonly string[];
    /** Names that a Host header may have in open mode, besides this machine's. */
    readonly hosts: readonly string[];
  };
  /** Where administration listens, if not beside the API. */
  readonly admin?: { readonly host: string; readonly port: number };
  readonly auth: AuthConfig;
  readonly upstreams: UpstreamsConfig;
  /** A shipped policy's name, or an absolute path. */
  readonly policy: string;
  /** Undefined: every model that the cloud lists. */
  readonly interceptModels?: readonly string[];
  /** Further routes that keys may have carried to the cloud. */
  readonly carried: readonly CarriedRoute[];
  readonly budgets: readonly BudgetSettings[];
  readonly store: StoreSettings;
  readonly shared: { readonly redis?: Secret };
  readonly energy: Readonly<RawConfig['energy']>;
  readonly pii: {
    /** Whose national telephone numbers are read. */
    readonly phoneRegions: readonly PhoneRegion[];
  };
  readonly judge: Readonly<RawConfig['judge']>;
  readonly idempotency: Readonly<RawConfig['idempotency']>;
  readonly log: Readonly<RawConfig['log']>;
  readonly limits: Readonly<RawConfig['limits']>;
}
