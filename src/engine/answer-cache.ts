/**
 * The answer cache: where a rule of the policy says so, the same request of the same tenant, byte for byte, gets the answer it got before.
 * Nothing with personal data is kept. The look-up is made before the decision, because nothing may be awaited between that and its
 * reservation; the result is used after it.
 */
import { createHash } from 'node:crypto';
import type { Call } from '../core/call.ts';
import type { Decision, Target } from '../core/decision.ts';
import { MOST_ANSWER_BYTES, type KeptAnswers } from '../core/kept-answers.ts';
import type { PersonalDetector } from '../core/masking.ts';
import { tenantOf } from '../core/owners.ts';
import type { Policy } from '../core/policy.ts';
import type { Attempt, CacheUse } from '../core/record.ts';
import type { Features, Readings } from '../core/signal.ts';
import type { Answer } from '../core/upstream.ts';
import { isGiven } from '../lib/json.ts';
import { whenKnown, type Soon } from '../lib/soon.ts';
import { draftReader } from '../wire/draft.ts';
import { mapEvents, showTo } from '../wire/events.ts';
import { packAnswer, unpackAnswer, type KeptAnswer } from './kept-answer.ts';

export interface CacheTools {
  readonly answers: KeptAnswers;
  readonly personal: Pick<PersonalDetector, 'kindsIn'>;
}

/** What was found before the decision. */
export interface LookUp {
  /** Absent: this request may not be answered from the cache. */
  readonly key?: string;
  readonly kept?: KeptAnswer | undefined;
}

/** What the decision makes of it. */
export type Cached =
  | { readonly use: CacheUse; readonly again: KeptAnswer; readonly keep?: undefined }
  | { readonly use: CacheUse; readonly again?: undefined; readonly keep?: Keep };

interface Keep {
  readonly key: string;
  readonly ttlMs: number;
}

/** Undefined at once where no rule of the policy keeps answers. */
export function lookUp(
  call: Call,
  { facts }: Features,
  { policy, readings }: { readonly policy: Policy; readonly readings: Readings },
  { answers }: CacheTools,
): Soon<LookUp | undefined> {
  if (policy.keepsAnswers !== true) return undefined;
  const isApart = facts.n > 1 || call.cacheControl === 'no-store';
  if (isApart || mayBePersonal(readings) || keepsState(call)) return NOTHING;
  const key = keyOf(call, policy);
  if (call.cacheControl === 'no-cache') return { key };
  const found = call.stateDeadline.known('answers', answers.get(key), notInTime);
  return whenKnown(found, (bytes) => ({ key, kept: bytes && unpackAnswer(bytes) }));
}

const NOTHING: LookUp = {};
const notInTime = (): undefined => undefined;

/** Content that no signal could read may be personal too. */
const mayBePersonal = ({ pii }: Readings): boolean => pii?.kind !== 'score' || pii.score > 0;

/** True if the upstream keeps something under the id in the answer, or answers from what it kept: replaying the bytes would not do. */
function keepsState({ operation, body }: Call): boolean {
  if (operation === 'passthrough') return true;
  if (operation !== 'responses') return body['store'] === true || isGiven(body['container']);
  const continues = isGiven(body['previous_response_id']) || isGiven(body['conversation']);
  return body['store'] !== false || continues;
}

/** Covers everything that shapes the answer; the target is compared after the decision. */
function keyOf(call: Call, policy: Policy): string {
  const { operation, path, wantsNoCheck = false, forwardHeaders } = call;
  const { 'idempotency-key': _, 'x-client-request-id': __, ...headers } = forwardHeaders;
  const shape = JSON.stringify([operation, path, policy.version, wantsNoCheck, headers]);
  const request = createHash('sha256').update(shape).update('\n').update(call.payload);
  const tenant = createHash('sha256').update(tenantOf(call.caller));
  return `${tenant.digest('base64url')}:${request.digest('base64url')}`;
}

/** Undefined where the deciding rule keeps no answers. */
export function cachedFor(decision: Decision, found: LookUp | undefined): Cached | undefined {
  const { cacheMs: ttlMs } = decision;
  if (found === undefined || ttlMs === undefined || decision.kind !== 'route') return undefined;
  const { key, kept } = found;
  if (key === undefined || decision.redact !== undefined) return { use: { result: 'bypass' } };
  if (kept === undefined || !isAllowed(kept, decision)) {
    return { use: { result: 'miss' }, keep: { key, ttlMs } };
  }
  const use = { answerOf: kept.requestId, savedNanoUsd: kept.costNanoUsd };
  return { use: { result: 'hit', ...use }, again: kept };
}

/** It was made as the policy wants it today, by a target that may answer today. */
const isAllowed = (
  { target, wanted }: KeptAnswer,
  decision: Extract<Decision, { kind: 'route' }>,
): boolean =>
  wanted === decision.wanted &&
  decision.targets.some(
    ({ upstream, model, tier }) =>
      upstream === target.upstream && model === target.model && tier === target.tier,
  );

/** An answer, and why it may be less than the policy wanted. */
interface Given {
  readonly answer: Answer;
  readonly target: Target;
  readonly maxTokens?: number;
  readonly isKept?: true;
  readonly escalated?: string;
}

interface Answered {
  readonly call: Call;
  readonly decision: Decision;
  readonly executed: Given;
  /** Known when the answer is over. */
  readonly attempts: () => readonly Attempt[];
}

/** Passes the answer on, and keeps it once it has ended if it is the one that the policy wanted. */
export function keeping(
  { key, ttlMs }: Keep,
  { call, decision, executed, attempts }: Answered,
  { answers, personal }: CacheTools,
): Answer {
  const { answer, target } = executed;
  if (isSecondBest(executed, decision) || answer.kind === 'raw') return answer;
  const keep = (kind: KeptAnswer['kind'], pieces: readonly Uint8Array[], text: string): void => {
    if (personal.kindsIn(text).length > 0) return;
    const made = attempts();
    const usage = made.findLast(({ outcome }) => outcome === 'ok')?.usage;
    const head = { kind, target, wanted: decision.wanted, requestId: call.id };
    const about = { ...head, atMs: call.receivedAtMs, costNanoUsd: costOf(made) };
    answers.set(key, packAnswer({ ...about, ...(usage && { usage }), pieces }), ttlMs);
  };
  // After the answer is on its way, and before the next request is read.
  const soon: typeof keep = (...given) => void setImmediate(keep, ...given);
  const { reader, text } = saidBy(call);
  if (answer.kind === 'whole') {
    reader?.observe(answer.body);
    soon('whole', [answer.bytes], text());
    return answer;
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  const events = mapEvents(answer.events, {
    push: (event) => {
      length += event.bytes.length;
      if (length <= MOST_ANSWER_BYTES) pieces.push(event.bytes);
      if (reader !== undefined) showTo(reader, event);
      return event;
    },
    closed: (_error, isDone) => {
      if (isDone && length <= MOST_ANSWER_BYTES) soon('stream', pieces, text());
    },
  });
  return { ...answer, events };
}

/** What an answer says, its calls of tools included; vectors say nothing. */
function saidBy({ operation }: Call) {
  const reader = draftReader(operation);
  if (reader === undefined) return { reader, text: () => '' };
  const { said } = reader;
  return { reader, text: () => [said.text, ...said.calls.map(({ args }) => args)].join('\n') };
}

/** True for an answer that was cut short by a budget, given because no other was accepted, or made by a stand-in. */
const isSecondBest = (
  { maxTokens, isKept, target, escalated }: Given,
  { wanted }: Decision,
): boolean =>
  maxTokens !== undefined || isKept === true || (target.tier !== wanted && escalated === undefined);

/** Null where the price of one of them is not known. */
function costOf(attempts: readonly Attempt[]): number | null {
  let sum = 0;
  for (const { cost, usage } of attempts) {
    if (cost === null && usage !== undefined) return null;
    sum += cost?.totalNanoUsd ?? 0;
  }
  return sum;
}
