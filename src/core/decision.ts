/** Where a request goes and why. Plain data: recorded, replayed and compared unchanged. */
import type { BudgetFacts } from './budget.ts';
import type { ErrorCode } from './errors.ts';
import type { PersonalKind } from './masking.ts';
import type { Capability } from './signal.ts';

export type Locality = 'local' | 'cloud';

/** A price and capability class. `pinned` = the caller named an upstream that no tier of the policy names. */
export type Tier = RoutableTier | 'pinned';

/** A tier that a policy can prefer. */
export type RoutableTier = 'small' | 'large';

/** An upstream and the model to ask it for. */
export interface Target {
  readonly tier: Tier;
  readonly upstream: string;
  readonly model: string;
  readonly locality: Locality;
}

/** The target that answered a conversation last. */
export interface ConversationPlace extends Pick<Target, 'tier' | 'upstream' | 'model'> {
  /** How often the large model answered in place of the small one. */
  readonly escalations?: number;
}

/** What an upstream is and can do, as declared, read from the catalogue, or last probed. */
export interface UpstreamFacts {
  readonly locality: Locality;
  /** The model name in a routed request. */
  readonly model: string;
  /** Every name that may be pinned, `model` included; empty = not known. */
  readonly models: readonly string[];
  /** The effective context window; undefined = not known, and then never a reason to exclude. */
  readonly contextTokens?: number;
  readonly capabilities: ReadonlySet<Capability>;
  /** Of `model`'s weights, as `sha256:…`; undefined = not known. */
  readonly modelDigest?: string;
  /** The file that `model` was loaded from, where it is on this machine. */
  readonly modelFile?: string;
  /** Of a model in this process. */
  readonly loadState?: LoadState;
}

/** `cold`: the next request loads it; `down`: the last try to load it failed, and the next request tries again. */
export type LoadState = 'cold' | 'loading' | 'warm' | 'down';

/** An upstream as it stood when a request was decided. */
export interface UpstreamState extends UpstreamFacts {
  /** False only for the well-known names `local` and `cloud` when nothing is configured under them. */
  readonly configured: boolean;
  /** Of its connections, and of the model that a routed request is sent as. */
  readonly healthy: boolean;
  /** Present if its connections are healthy and some models are not; all others are healthy. */
  readonly unhealthyModels?: readonly string[];
  /** None of its models is asked, not even if nothing else can answer. Absent = no. */
  readonly isShut?: true;
  /** Models that are not asked at all, because they fail. */
  readonly shutModels?: readonly string[];
  /** Models that are not asked at all, because they are overloaded. */
  readonly limitedModels?: readonly string[];
  /** Milliseconds until the first of these may be asked again. */
  readonly askableInMs?: number;
  readonly queueDepth: number;
  /** Recent median time to first token; undefined until one was seen. */
  readonly ttftMs?: number;
  /** Those that `model` was made for, ISO 639-1; undefined = not known, or all. */
  readonly languages?: readonly string[];
}

/** State read before deciding, so that `decide` itself reads nothing. */
export interface Snapshot {
  readonly upstreams: Readonly<Record<string, UpstreamState>>;
  readonly key: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    /** The upstreams that it is held to; absent: all. */
    readonly upstreams?: readonly string[];
    readonly residency?: 'local';
  };
  readonly budget: BudgetFacts;
  /** The upstream that holds this conversation's state (`previous_response_id`): no other can answer. */
  readonly boundTo?: string;
  /** Identify the conversation, and this turn of it; digests. */
  readonly threadKeys?: readonly string[];
  /** The turn that this one continues; absent for a conversation's first. */
  readonly earlierTurn?: string;
  /** The caller named the conversation; else others that began alike are taken for it. */
  readonly isNamedThread?: true;
  /** The target that answered it last. */
  readonly thread?: ConversationPlace;
  /** Small answers to requests of this kind cost more than they save, as far as they were checked. */
  readonly draftsLose?: true;
  readonly gridGramsPerKwh?: number;
  /** The conversation's fixed draw in 0..1, for canaries. */
  readonly draw?: number;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** What removed a target: a policy's constraint, or one of the built-in ones. */
export interface Exclusion {
  readonly target: Target;
  readonly by:
    | 'constraint'
    | 'key'
    | 'capability'
    | 'context'
    | 'unconfigured'
    | 'state'
    | 'budget'
    | 'large-cap'
    | 'health';
  /** The constraint's or the budget's name, or the capability that is missing. */
  readonly name: string;
  readonly reason: string;
}

/** How the model name or the override header was resolved. */
export type ModelSelector =
  | { readonly kind: 'routed'; readonly largeModel?: string }
  | { readonly kind: 'tier'; readonly tier: RoutableTier }
  | { readonly kind: 'pinned'; readonly upstream: string; readonly model: string };

/** Refusing is a decision too: it is recorded and replayed like any other. */
export type Decision = {
  /** The rule that decided; `objective` when none matched, `caller` when the caller named the target. */
  readonly rule: string;
  readonly reason: string;
  /** In 0..1; null when every signal abstained. */
  readonly complexity: number | null;
  /** The policy's: at or above it, a request prefers the large tier. */
  readonly threshold: number;
  /** Added to it so that a paced budget lasts; absent: nothing. */
  readonly shift?: number;
  /** The policy's first choice, before exclusions. */
  readonly wanted: Tier;
  readonly excluded: readonly Exclusion[];
  readonly policy: { readonly name: string; readonly version: string; readonly mode: string };
  /** The target of every request without routing: savings are counted against it. */
  readonly baseline?: Pick<Target, 'upstream' | 'model'>;
  /** Why the first target is not the policy's first choice. */
  readonly degraded?: string;
  /** Where the wanted target refuses the gateway's own key, the next one is asked. */
  readonly credentialFallback?: true;
  /** Observe only: the mode, or the conversation's draw, keeps the policy from acting. */
  readonly onlyWatches?: true;
  /** The rule gives answers again for so long, in milliseconds. */
  readonly cacheMs?: number;
  /** Also asked, in the background: allowed by every constraint, as `targets` are. */
  readonly shadow?: Target;
  /** Masked in everything sent to a cloud target; those were allowed on this condition only. */
  readonly redact?: readonly PersonalKind[];
} & (
  | { readonly kind: 'route'; readonly targets: readonly [Target, ...Target[]] }
  | {
      readonly kind: 'refuse';
      readonly code: ErrorCode;
      readonly message: string;
      /** When the same request would be answered, in milliseconds since the epoch; absent: not known. */
      readonly retryAtMs?: number;
    }
);
