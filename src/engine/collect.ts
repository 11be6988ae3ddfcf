/**
 * Collects answers for distillation: the large model's answers to the requests that the policy names, of keys that consent, and nothing of
 * a request that must stay here. Read when the answer is over; masked and written off the request path.
 */
import type { Call } from '../core/call.ts';
import { consents, type Collector } from '../core/collect.ts';
import type { Target } from '../core/decision.ts';
import type { Policy } from '../core/policy.ts';
import type { Answer } from '../core/upstream.ts';
import { isGiven } from '../lib/json.ts';
import type { DraftSoFar } from '../wire/draft.ts';
import { staysHere } from './exclusions.ts';
import type { Routing } from './routing.ts';
import { threadKeys } from './thread-key.ts';
import { whenOver } from './when-over.ts';

interface Given {
  readonly call: Call;
  readonly routing: Routing;
  readonly target: Target;
  readonly answer: Answer;
}

/** Characters of a conversation with its answer; longer ones are no example to learn from. */
const LONGEST = 200_000;
const DAY_MS = 86_400_000;

/** The same answer; where the policy wants it, it is collected once it is over. */
export function collecting(given: Given, collector: Collector | undefined): Answer {
  const { call, routing, target, answer } = given;
  const { collect } = routing.policy;
  if (collect === undefined || collector === undefined || target.tier !== 'large') return answer;
  if (!isMeant(routing, collect)) return answer;
  if (!consents(call.caller.labels)) {
    collector.omitted('no-consent');
    return answer;
  }
  const { features, readings, snapshot, policy } = routing;
  if (staysHere({ facts: features.facts, readings, snapshot }, policy)) {
    collector.omitted('kept-here');
    return answer;
  }
  const { retentionDays } = collect;
  return whenOver(answer, call.operation, (said) => {
    const conversation = threadKeys(call)?.conversation;
    if (conversation === undefined || namesRemote(routing, call) || !isExample(routing, said))
      return collector.omitted('unfit');
    collector.take({
      requestId: call.id,
      atMs: call.receivedAtMs,
      expiresMs: call.receivedAtMs + retentionDays * DAY_MS,
      caller: call.caller.name,
      conversation,
      upstream: target.upstream,
      model: target.model,
      messages: features.turns,
      answer: said.text,
    });
  });
}

/** A condition that cannot be evaluated does not hold. */
function isMeant(
  { features, readings, snapshot }: Routing,
  { when }: NonNullable<Policy['collect']>,
): boolean {
  try {
    return when?.holds({ facts: features.facts, readings, snapshot }) ?? true;
  } catch {
    return false;
  }
}

/** True if the conversation depends on something that lies at an upstream. */
const namesRemote = ({ features: { facts } }: Routing, { body }: Call): boolean =>
  facts.needs.some((need) => need === 'files' || need === 'stored_state') ||
  isGiven(body['conversation']) ||
  isGiven(body['container']);

/** True for a single, complete text that answers a conversation of texts. */
function isExample(
  { features: { facts, turns } }: Routing,
  { text, calls, finishReason }: DraftSoFar,
): boolean {
  const { tools, toolResults, images, n, jsonSchema, isOpaque, unread } = facts;
  if (tools + toolResults + images > 0 || n !== 1 || jsonSchema) return false;
  if (isOpaque === true || unread !== undefined) return false;
  if (text.trim() === '' || calls.length > 0 || finishReason !== 'stop') return false;
  if (turns.at(-1)?.role !== 'user') return false;
  return turns.reduce((sum, turn) => sum + turn.text.length, text.length) <= LONGEST;
}
