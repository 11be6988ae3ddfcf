/** The port of an upstream: what it is sent, and what it answers. */
import type { Call } from './call.ts';
import type { Locality, UpstreamFacts } from './decision.ts';
import type { Source } from '../lib/flow.ts';
import type { JsonObject } from '../lib/json.ts';
import type { TurnBarrier } from '../lib/turns.ts';
import type { MaskedCounts, PersonalKind } from './masking.ts';
import type { Usage } from './record.ts';
import type { ObserveTokens } from './token-scores.ts';

/** Headers of an upstream's answer that a caller may see (an allow-list). */
export type AnswerHeaders = Readonly<Record<string, string>>;

/** One server-sent event: the bytes to write, blank line included, and their parsed data. */
export interface StreamEvent {
  readonly bytes: Uint8Array;
  /** The parsed `data:` payload; undefined for a comment and for `[DONE]`. */
  readonly data?: JsonObject;
  readonly done?: true;
  /**
   * Only this text of choice 0 is new: all else is as in an event that was given before it. `data` is then parsed for who asks for it,
   * and who has read that event need not.
   */
  readonly text?: string;
  /** `bytes`, each as a character, where they are made only for who asks for them. */
  readonly latin1?: string;
}

/** Pushes its events to one receiver, those of one read of the network as one batch. */
export type EventStream = Source<StreamEvent>;

/**
 * An upstream's answer. `whole` and `stream` are in OpenAI's shape of the call's operation, `bytes`
 * ready to be sent on; `raw` is a passthrough whose body is not read.
 */
export type Answer =
  | {
      readonly kind: 'whole';
      readonly headers: AnswerHeaders;
      readonly bytes: Uint8Array;
      readonly body: JsonObject;
    }
  | {
      readonly kind: 'stream';
      readonly headers: AnswerHeaders;
      readonly events: EventStream;
    }
  | {
      readonly kind: 'raw';
      readonly status: number;
      readonly headers: AnswerHeaders;
      readonly chunks: AsyncIterator<Uint8Array>;
    };

/** Observes what is written to the upstream, as it is written. */
export interface EgressObserver {
  /** Body bytes written to the upstream, after translation and masking. */
  bytesSent(bytes: number): void;
  valuesMasked(counts: MaskedCounts): void;
}

/** A call as it is sent to one upstream. */
export interface UpstreamRequest {
  readonly call: Call;
  /** The model to ask for, in place of the one the caller named. */
  readonly model: string;
  /** Called by the code that writes to the upstream; every wrapper passes it on. */
  readonly egress?: EgressObserver;
  /**
   * Counts this answer's tokens where the upstream reports none, given every text of the output. The attempt
   * is recorded with the same figures, so that the caller and the record never differ. Call it once, at the end.
   */
  readonly countUsage?: (output: readonly string[]) => Usage;
  /**
   * The probabilities of the answer's tokens are wanted by the gateway: an upstream that can asks for them, gives them
   * here, and leaves them out of an answer whose caller did not ask. Never called by one that cannot.
   */
  readonly observeTokens?: ObserveTokens;
  /** Called before the end of an answer that the upstream ended because it had fallen into a loop. */
  readonly observeLoop?: () => void;
  /** It may be billed, or make something: it is written on one connection only, even where that breaks at once. */
  readonly isSentOnce?: boolean;
  /** It must not meet a connection that was kept from an earlier request. */
  readonly isOnFresh?: boolean;
  /** Short whole answers that come in one turn of the event loop are read, accounted and written together. */
  readonly answerTurns?: TurnBarrier | undefined;
  /** What must be masked before a byte is sent; only upstreams with `masks` get such a request. */
  readonly redact?: readonly PersonalKind[];
}

/** Why an upstream answers nothing until somebody changes something. */
export interface WiringFault {
  readonly cause: 'auth' | 'unreachable';
  /** For people: `connection refused`. Never the server's own words. */
  readonly words: string;
}

export interface ProbeResult {
  readonly ok: boolean;
  readonly detail: string;
  readonly fault?: WiringFault;
  /** The configured model, where the server's list of models lacks it. Some servers take names that they do not list. */
  readonly unlisted?: string;
}

/**
 * A server or engine that answers. Implementations never retry what could have been answered: the decision's
 * target list is the retry.
 * `send` rejects with `UpstreamError`, also when the failure comes in a stream's first event; later
 * failures end the events. Aborting stops the upstream's work, and so does `events.cancel()`.
 */
export interface Upstream {
  readonly name: string;
  readonly kind: string;
  readonly locality: Locality;
  /** Honours `UpstreamRequest.redact`. */
  readonly masks?: true;
  facts(): UpstreamFacts;
  send(request: UpstreamRequest, abort: AbortSignal): Promise<Answer>;
  /** Checks whether it answers, and refreshes its facts. Never throws; `detail` says why not. */
  probe(abort: AbortSignal): Promise<ProbeResult>;
  close(): Promise<void>;
}

/** A model name that `GET /v1/models` lists. */
export interface ListedModel {
  readonly id: string;
  readonly ownedBy: string;
}
