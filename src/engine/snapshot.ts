/**
 * Reads, once and before deciding, everything a decision depends on besides the request itself: first shared state (which may be
 * awaited), then this process's own.
 */
import { NO_BUDGET } from '../core/budget.ts';
import type { Call, Caller } from '../core/call.ts';
import type { Conversations } from '../core/conversations.ts';
import type { Deadline } from '../core/deadline.ts';
import type {
  ConversationPlace,
  Snapshot,
  UpstreamFacts,
  UpstreamState,
} from '../core/decision.ts';
import { GatewayError } from '../core/errors.ts';
import { tenantOf } from '../core/owners.ts';
import { bothKnown, whenKnown, type Soon } from '../lib/soon.ts';
import type { Writable } from '../lib/writable.ts';
import { previousResponseNotFound } from '../wire/response-not-found.ts';
import type { ThreadKeys } from '../core/thread-keys.ts';
import { placeInCanary, threadKeys } from './thread-key.ts';
import type { Upstreams } from './egress.ts';
import type { Condition } from './health.ts';

/**
 * Milliseconds that one request may wait for shared state in total. A choice: a store in the same data centre answers in under
 * one, and a model's first token takes a hundred.
 */
export const STATE_DEADLINE_MS = 5;

export interface SnapshotSources {
  readonly upstreams: Upstreams;
  readonly health: (upstream: string, call: Call) => Condition;
  /** The upstream that holds the state behind a `previous_response_id` of this caller. */
  readonly boundTo: (
    responseId: string,
    caller: string,
    deadline: Deadline,
  ) => Soon<string | undefined>;
  /** Where several processes have one health: what this request may try is asked for before it is decided. */
  readonly ready?: (call: Call) => Promise<unknown> | undefined;
  readonly gridGramsPerKwh?: () => number | undefined;
  /** Those that a model of an upstream was made for, ISO 639-1; undefined = not known, or all. */
  readonly languagesOf?: (upstream: string, model: string) => readonly string[] | undefined;
  readonly conversations: Conversations;
}

/** A request's state that other processes may share. */
export interface SharedState {
  readonly boundTo?: string | undefined;
  /** What the conversation and this turn of it are known by. */
  readonly threadKeys?: readonly [conversation: string, turn: string] | undefined;
  readonly earlierTurn?: string | undefined;
  readonly isNamedThread?: boolean | undefined;
  readonly thread?: ConversationPlace | undefined;
}

export interface Snapshots {
  /** @throws GatewayError, worded as OpenAI's, when it is not known in time which upstream holds the conversation */
  readonly shared: (call: Call) => Soon<SharedState>;
  /** Synchronous, so that this process's state cannot change before the decision. */
  readonly snapshot: (call: Call, shared: SharedState) => Snapshot;
}

export function createSnapshots(sources: SnapshotSources): Snapshots {
  return {
    shared: (call) => sharedState(call, sources),
    snapshot: (call, { boundTo, threadKeys: keys, thread, ...shared }) => {
      const upstreams: Record<string, UpstreamState> = {};
      for (const [name, upstream] of sources.upstreams) {
        const facts = upstream.facts();
        const state = stateOf(facts, sources.health(name, call));
        const languages = sources.languagesOf?.(name, facts.model);
        if (languages !== undefined) state.languages = languages;
        upstreams[name] = state;
      }
      const grams = sources.gridGramsPerKwh?.();
      const { caller, receivedAtMs: nowMs } = call;
      const seen: Writable<Snapshot> = { upstreams, key: keyOf(caller), budget: NO_BUDGET, nowMs };
      if (boundTo !== undefined) seen.boundTo = boundTo;
      if (grams !== undefined) seen.gridGramsPerKwh = grams;
      if (thread !== undefined) seen.thread = thread;
      if (keys === undefined) return seen;
      seen.threadKeys = keys;
      if (shared.earlierTurn !== undefined) seen.earlierTurn = shared.earlierTurn;
      if (shared.isNamedThread === true) seen.isNamedThread = true;
      seen.draw = placeInCanary(keys[0]);
      return seen;
    },
  };
}

function keyOf(caller: Caller): Snapshot['key'] {
  const { name, labels, only } = caller;
  if (only === undefined) return { name, labels };
  const { upstreams, residency } = only;
  return { name, labels, ...(upstreams && { upstreams }), ...(residency && { residency }) };
}

function stateOf(facts: UpstreamFacts, condition: Condition): Writable<UpstreamState> {
  const { reachable, unhealthyModels, queueDepth, ttftMs, askableInMs } = condition;
  const healthy = reachable && !unhealthyModels.includes(facts.model);
  const state: Writable<UpstreamState> = { ...facts, configured: true, healthy, queueDepth };
  if (ttftMs !== undefined) state.ttftMs = ttftMs;
  if (askableInMs !== undefined) state.askableInMs = askableInMs;
  if (condition.shutModels !== undefined) state.shutModels = condition.shutModels;
  if (condition.limitedModels !== undefined) state.limitedModels = condition.limitedModels;
  if (condition.isShut === true) state.isShut = true;
  if (reachable && unhealthyModels.length > 0) state.unhealthyModels = unhealthyModels;
  return state;
}

/** Asks for everything before it waits for anything. */
function sharedState(call: Call, sources: SnapshotSources): Soon<SharedState> {
  const { stateDeadline: deadline } = call;
  const boundTo = boundUpstream(call, sources);
  const keys = threadKeys(call);
  const thread = keys === undefined ? undefined : placeOf(keys, sources.conversations, deadline);
  const ready = sources.ready?.(call);
  const stored = bothKnown(boundTo, thread);
  const known = ready === undefined ? stored : whenKnown(ready, () => stored);
  return whenKnown(known, ([upstream, place]) => ({
    boundTo: upstream,
    threadKeys: keys && [keys.conversation, keys.turn],
    earlierTurn: keys?.previousTurn,
    isNamedThread: keys?.isNamed,
    thread: place,
  }));
}

/**
 * The model that gave the answer which this turn continues. Where that turn is not known again (a client
 * that rewrites what was said) the conversation's last; a first turn continues nothing.
 */
function placeOf(
  { conversation, previousTurn, isNamed }: ThreadKeys,
  threads: Conversations,
  deadline: Call['stateDeadline'],
): Soon<ConversationPlace | undefined> {
  const at = (key: string): Soon<ConversationPlace | undefined> =>
    deadline.known('conversations', threads.get(key, deadline), afresh);
  if (previousTurn === undefined) return isNamed ? at(conversation) : undefined;
  return whenKnown(bothKnown(at(previousTurn), at(conversation)), ([turn, last]) => turn ?? last);
}

const afresh = (): undefined => undefined;

function boundUpstream(call: Call, { boundTo }: SnapshotSources): Soon<string | undefined> {
  const previous = call.body['previous_response_id'];
  if (typeof previous !== 'string') return undefined;
  const { stateDeadline: deadline, caller } = call;
  return deadline.known('responses', boundTo(previous, tenantOf(caller), deadline), () => {
    const { message, param, code } = previousResponseNotFound(previous);
    throw new GatewayError('caller_invalid', message, {
      ...(param === null ? {} : { param }),
      wireCode: code,
    });
  });
}
