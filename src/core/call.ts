/** An accepted request, from the HTTP edge to an upstream. Plain data, never mutated once its body is read. */
import type { JsonObject } from '../lib/json.ts';
import type { StateDeadline } from './deadline.ts';
import type { LargeBody } from './large-body.ts';
import type { RateLimits } from './rate-limits.ts';

/**
 * What the caller asks for, in OpenTelemetry's GenAI words; also a metric label.
 * `passthrough` is every other `/v1/*` route: its body is not read, only forwarded.
 */
export const operations = [
  'chat',
  'text_completion',
  'embeddings',
  'responses',
  'messages',
  'passthrough',
] as const;

export type Operation = (typeof operations)[number];

/** The owner of the API key. `labels` come from the key's configuration (team, data class), never from the request. */
export interface Caller {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** May choose a tier or a target by name or by `X-Smallfirst-Route`. */
  readonly mayOverride: boolean;
  readonly team?: string;
  /** Is the operator's own: all that the cloud's account holds is this key's. */
  readonly account?: true;
  /** Somebody signed in to the page who may change things: rates any caller's answer. */
  readonly operator?: true;
  /** What it makes at the cloud belongs to its team. */
  readonly sharesWithTeam?: true;
  /** What the key is held to; absent: nothing. */
  readonly only?: KeyRestrictions;
  /** In force for this key in place of the gateway's, as the key's settings name it. */
  readonly policy?: string;
  readonly limits?: RateLimits;
  /** Of all keys of its team together. */
  readonly teamLimits?: RateLimits;
  /** Milliseconds since the epoch. */
  readonly expiresMs?: number;
}

/** Each member that is present narrows what a key may do. */
interface KeyRestrictions {
  /** Names that may be asked for; one that ends with `*` stands for all that begin so. */
  readonly models?: readonly string[];
  readonly upstreams?: readonly string[];
  /** Paths below `/v1`: `files` is `/v1/files` and all below it. */
  readonly routes?: readonly string[];
  /** Its requests never leave this machine. */
  readonly residency?: 'local';
}

/** The team whose money a key spends besides its own. */
export const teamOf = ({ team, labels }: Caller): string | undefined => team ?? labels['team'];

export interface Call {
  /** Sent back as `x-request-id`; the record's key. */
  readonly id: string;
  readonly operation: Operation;
  readonly method: string;
  /** Below the base URL, with its query: `/chat/completions`. */
  readonly path: string;
  /** The model name in the request; `''` where the route has none. */
  readonly requestedModel: string;
  /** `X-Smallfirst-Route`: `small`, `large` or `<upstream>/<model>`. */
  readonly override?: string;
  /** `X-Smallfirst-Verify: off`: the caller wants no answer checked. */
  readonly wantsNoCheck?: true;
  /** `X-Smallfirst-Usage: cost`: the answer's `usage` says what the request cost. */
  readonly wantsCost?: true;
  /** `Cache-Control`: the answer is to be made anew (`no-cache`), and not to be kept either (`no-store`). */
  readonly cacheControl?: 'no-cache' | 'no-store';
  /** How long the caller will wait, in milliseconds, where it says so. */
  readonly deadlineMs?: number;
  /** A stream must have begun by then, rather than be complete. */
  readonly deadlineIsForFirstByte?: true;
  /** The caller's name for the conversation (`x-session-id`, `x-conversation-id`). */
  readonly session?: string;
  readonly stream: boolean;
  /** The caller asked for the usage chunk (`stream_options.include_usage`). */
  readonly wantsUsage: boolean;
  /** The parsed body; `{}` for a passthrough whose body is not JSON. */
  readonly body: JsonObject;
  /** The body as received, decompressed: forwarded where nothing must change, so unread fields stay byte-exact. */
  readonly payload: Buffer;
  /** What a thread found of a large body as it was accepted; absent: it is small. */
  readonly large?: LargeBody;
  readonly contentType: string;
  /** Request headers an upstream may see (an allow-list; credentials and cookies are never in it). */
  readonly forwardHeaders: Readonly<Record<string, string>>;
  readonly caller: Caller;
  /** The gateways that it has passed; absent: none. */
  readonly hops?: string;
  /** The caller's trace context: W3C's `traceparent`, validated. */
  readonly traceparent?: string;
  /**
   * The value of `previous_response_id`, where that conversation was written into `body.input`
   * (`StoredResponses.inlineHistory`).
   */
  readonly previousResponseId?: string;
  /** How many items of `body.input` came with that response's conversation, oldest first. */
  readonly previousItems?: number;
  /** What this request may still wait for state that is shared with other processes. */
  readonly stateDeadline: StateDeadline;
  /** Milliseconds since the epoch, and on the monotonic clock, when the request line was read. */
  readonly receivedAtMs: number;
  readonly startedMs: number;
}
