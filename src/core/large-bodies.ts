/** Where large bodies are parsed, walked and judged, so that nobody waits for one but who sent it. */
import type { JsonObject } from '../lib/json.ts';
import type { Call } from './call.ts';
import type { KnownState } from './known-state.ts';
import type { LargeBody } from './large-body.ts';
import type { Features, Readings, Signal } from './signal.ts';

export interface LargeBodies {
  /**
   * Reads a body as `readPayload` does. Its bytes are gone meanwhile.
   * @throws GatewayError `caller_*` as that does; `gateway_overloaded` where the thread ends
   */
  read(given: Buffer, call: Call, options: ReadOptions): Promise<LargeBodyRead>;
  /**
   * Describes and evaluates a call where its body is. Undefined where that cannot be: it is small, or another by now, or the
   * signals are not those of a policy.
   * @throws GatewayError `gateway_overloaded` where the thread ends
   */
  judge(call: Call, how: Judging): Promise<Judged> | undefined;
  /**
   * Translates a call of `/v1/messages` as `messagesToChat` does. Undefined where it is small, or another by now.
   * @throws GatewayError `gateway_overloaded` where the thread ends
   */
  messagesAsChat(call: Call): Promise<LargeChat> | undefined;
}

/** A chat body that a large one was translated to, and what it lost. */
export interface LargeChat extends Pick<LargeBodyRead, 'payload' | 'body' | 'large'> {
  readonly lost: readonly string[];
}

export interface ReadOptions {
  readonly maxDepth: number;
  /** The model in the path, for a body without one. */
  readonly namedModel?: string | undefined;
}

interface LargeBodyRead {
  /** The bytes to forward. */
  readonly payload: Buffer;
  /** Long members are parsed where somebody asks for them. */
  readonly body: JsonObject;
  readonly large: LargeBody;
  /** The thread need not keep it any longer. */
  readonly forget: () => void;
}

export interface Judging extends KnownState {
  readonly signals: readonly Signal[];
}

export interface Judged {
  readonly features: Features;
  readonly readings: Readings;
  /** Seconds, by signal. */
  readonly took: Readonly<Record<string, number>>;
}
