/** Idempotency: no retry is billed twice. A repeated request gets the answer of the first, whether that is over or still under way. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { Call } from '../../core/call.ts';
import type { Claims } from '../../core/claims.ts';
import type { KeptAnswers } from '../../core/kept-answers.ts';
import { GatewayError, invalid } from '../../core/errors.ts';
import { shareOf, type ByteBudget } from '../../lib/byte-budget.ts';
import { createReplays } from './replays.ts';
import { SharedAnswer } from './shared-answer.ts';

export interface Idempotency {
  /**
   * `joined`: the answer goes to `outgoing` by itself. `first`: it is to be written into `answer`. Undefined where the request
   * names no key, and comes from no client that retries by itself.
   * @throws GatewayError `caller_idempotency_*` for a key that was used for another request, or whose answer is gone
   */
  claim(
    call: Call,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<Claim | undefined>;
  counts(): Readonly<Record<string, number>>;
}

export type Claim =
  | { readonly kind: 'joined' }
  | {
      readonly kind: 'first';
      readonly answer: SharedAnswer;
      /** Nothing is kept of a request that could not even be decided. */
      forget(): void;
      /** The request is paid for: other replicas are told, because a client may retry without naming a key. */
      share(): void;
    };

/** Whether the request has an `Idempotency-Key` or comes from a client that retries by itself. */
export const mayBeRetry = ({ headers }: IncomingMessage): boolean =>
  headers['x-stainless-retry-count'] !== undefined || headers['idempotency-key'] !== undefined;

interface IdempotencyOptions {
  readonly claims: Claims;
  readonly lingerMs: number;
  readonly epochMs: () => number;
  /** Answers kept by other processes; absent: there are none. */
  readonly replays?: KeptAnswers | undefined;
  /** The budget that kept answers count towards. */
  readonly memory?: ByteBudget;
}

interface Kept {
  readonly body: string;
  readonly requestId: string;
  readonly answer: SharedAnswer;
  /** Rejects where it may not be asked. */
  readonly ready?: Promise<void> | undefined;
}

/** How long a key is remembered, as Stripe has it, and a retry of an SDK without one. */
const KEY_MS = 86_400_000;
const RETRY_MS = 600_000;
/** Of one answer, and of all that are in memory. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_BYTES = 64 * 1024 * 1024;
/** Characters; as Stripe has it. */
const LONGEST_KEY = 255;
/** Of an answer that is under way; beside its bytes, an entry takes about as much. */
const ENTRY_BYTES = 4096;

export function createIdempotency(options: IdempotencyOptions): Idempotency {
  const answers = answersKept(options);
  const byKey = keyed(options, answers);
  const { kept, count, counts, joined, first, sentAgain } = answers;
  return {
    claim: async (call, incoming, outgoing) => {
      if (call.method !== 'POST') return undefined;
      const key = incoming.headers['idempotency-key']?.toString();
      const body = digestOf(`${call.method} ${call.path}`, call.payload);
      if (key !== undefined) return await byKey(checkedKey(key), body, { call, outgoing });
      const id = `retry ${call.caller.name} ${body}`;
      const isRetry = Number(incoming.headers['x-stainless-retry-count']) > 0;
      const here = isRetry ? kept.get(id) : undefined;
      // A client retries because the first one failed, so a failed one is not joined.
      const isWanted = here?.answer.canBeJoined === true && (here.answer.status ?? 200) < 400;
      if (isWanted) return joined(here, outgoing);
      if (isRetry && here === undefined && (await sentAgain(id, outgoing))) return JOINED;
      count('first');
      return first(id, body, { call, outgoing });
    },
    counts,
  };
}

type Answers = ReturnType<typeof answersKept>;

/** One call for each key, whichever process it is asked of. */
function keyed({ claims, epochMs }: IdempotencyOptions, answers: Answers) {
  const { kept, count, joined, first, sentAgain } = answers;
  const byKey = async (key: string, body: string, asking: Asking): Promise<Claim> => {
    const { call, outgoing } = asking;
    const id = `key ${call.caller.name} ${key}`;
    const here = kept.get(id);
    // Concurrent requests are refused for the same reason as the first of them.
    await here?.ready;
    if (here !== undefined && here.body !== body) throw otherRequest(count);
    if (here?.answer.canBeJoined === true && kept.peek(id) === here) return joined(here, outgoing);
    // The one before got an answer of another process: so does this one.
    if (here !== undefined && kept.peek(id) !== here) return byKey(key, body, asking);
    if (here !== undefined) throw answerGone(here.requestId, count);
    const claim = { id: digestOf(id), body, requestId: call.id, atMs: epochMs() };
    let isSent = false;
    const claimed = async (): Promise<void> => {
      const before = await claims.claim(claim, epochMs() - KEY_MS);
      if (before === undefined) return;
      if (before.body !== body) throw otherRequest(count);
      isSent = await sentAgain(id, outgoing);
      if (!isSent) throw answerGone(before.requestId, count);
    };
    const ready = claimed();
    const own = first(id, body, { ...asking, ready });
    try {
      await ready;
    } catch (error) {
      own.drop();
      throw error;
    }
    if (isSent) {
      own.drop();
      return JOINED;
    }
    count('first');
    own.share();
    const forget = (): void => {
      own.forget();
      claims.release(claim.id);
    };
    return { ...own, forget, share: () => {} };
  };
  return byKey;
}

const JOINED = { kind: 'joined' } as const;

/** The answers that may be asked for again, and how often they were. */
function answersKept({ lingerMs, memory, replays: shared }: IdempotencyOptions) {
  const replays = createReplays({ kept: shared, waitMs: lingerMs });
  const maxSize = shareOf(memory, MAX_BYTES);
  const kept = new LRUCache<string, Kept>({ maxSize, ttl: KEY_MS });
  memory?.counts(() => kept.calculatedSize);
  const counted = new Map<string, number>();
  const count = (result: string): void => void counted.set(result, (counted.get(result) ?? 0) + 1);
  const joined = ({ answer }: Kept, outgoing: ServerResponse): Claim => {
    count(answer.writableEnded ? 'replayed' : 'joined');
    answer.join(outgoing);
    return { kind: 'joined' };
  };
  const first = (id: string, body: string, { call, outgoing, ready }: Asking): First => {
    const answer = new SharedAnswer(outgoing, { lingerMs, maxBytes: MAX_ANSWER_BYTES });
    const entry = { body, requestId: call.id, answer, ready };
    const ttl = id.startsWith('key') ? KEY_MS : RETRY_MS;
    kept.set(id, entry, { size: ENTRY_BYTES, ttl });
    const place = digestOf(id);
    const drop = (): void => {
      if (kept.peek(id) === entry) kept.delete(id);
    };
    const forget = (): void => {
      drop();
      replays.forget(place);
    };
    answer.once('close', () => {
      // Its bytes count from now on. What broke off can be asked for anew.
      if (answer.destroyed) return forget();
      if (kept.peek(id) !== entry || !answer.canBeJoined) return;
      kept.set(id, entry, { size: ENTRY_BYTES + answer.size, ttl });
      if (isShared) replays.ended(place, answer, ttl);
    });
    let isShared = false;
    const share = (): void => {
      isShared = true;
      replays.begun(place);
    };
    return { kind: 'first', answer, forget, drop, share };
  };
  const sentAgain = async (id: string, outgoing: ServerResponse): Promise<boolean> => {
    const isSent = await replays.send(digestOf(id), outgoing);
    if (isSent) count('replayed');
    return isSent;
  };
  const counts = (): Readonly<Record<string, number>> => Object.fromEntries(counted);
  return { kept, count, counts, joined, first, sentAgain };
}

type First = Extract<Claim, { kind: 'first' }> & {
  /** Makes room for another, which may be kept elsewhere. */
  drop(): void;
};

interface Asking {
  readonly call: Call;
  readonly outgoing: ServerResponse;
  readonly ready?: Promise<void>;
}

const digestOf = (text: string, bytes?: Buffer): string => {
  const hash = createHash('sha256').update(text);
  if (bytes !== undefined) hash.update('\n').update(bytes);
  return hash.digest('base64url');
};

function checkedKey(key: string): string {
  if (key !== '' && key.length <= LONGEST_KEY) return key;
  throw invalid(
    'Idempotency-Key',
    `The Idempotency-Key must have 1 to ${LONGEST_KEY} characters, such as those of a random UUID.`,
  );
}

function otherRequest(count: (result: string) => void): GatewayError {
  count('conflict');
  return new GatewayError(
    'caller_idempotency_reused',
    'This Idempotency-Key was used for another request. Choose a new one for each request, and send the same only to ask again.',
    { param: 'Idempotency-Key' },
  );
}

function answerGone(requestId: string, count: (result: string) => void): GatewayError {
  count('gone');
  return new GatewayError(
    'caller_idempotency_gone',
    `This request was answered before, as ${requestId}, and its answer is not kept any more. Choose a new Idempotency-Key to ask, and pay, once more.`,
    { param: 'Idempotency-Key', headers: { 'x-should-retry': 'false' } },
  );
}
