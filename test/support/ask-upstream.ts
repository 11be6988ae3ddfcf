/** Helpers that send a request to an upstream and read its answer. */
import { NO_WAITING } from '../../src/core/deadline.ts';
import type { Call, Operation } from '../../src/core/call.ts';
import { UpstreamError } from '../../src/core/errors.ts';
import type { ObserveTokens } from '../../src/core/token-scores.ts';
import { isObject, type JsonObject } from '../../src/lib/json.ts';
import type { Answer, StreamEvent, Upstream } from '../../src/core/upstream.ts';
import { iterated } from './event-streams.ts';

export interface Ask {
  readonly operation?: Operation;
  readonly stream?: boolean;
  readonly wantsUsage?: boolean;
  readonly abort?: AbortSignal;
  readonly observeTokens?: ObserveTokens;
  readonly observeLoop?: () => void;
  readonly isSentOnce?: boolean;
}

export const patient: AbortSignal = new AbortController().signal;

export function send(to: Upstream, body: JsonObject, ask: Ask = {}): Promise<Answer> {
  const call: Call = {
    id: 'r1',
    operation: ask.operation ?? 'chat',
    method: 'POST',
    path: '/chat/completions',
    requestedModel: 'auto',
    stream: ask.stream ?? false,
    wantsUsage: ask.wantsUsage ?? false,
    body,
    payload: Buffer.from(JSON.stringify(body)),
    contentType: 'application/json',
    forwardHeaders: {},
    caller: { name: 'test', labels: {}, mayOverride: true },
    receivedAtMs: 1_700_000_000_500,
    startedMs: 0,
    stateDeadline: NO_WAITING,
  };
  const { observeTokens, observeLoop, isSentOnce = false } = ask;
  const observed = {
    ...(observeTokens === undefined ? {} : { observeTokens }),
    ...(observeLoop === undefined ? {} : { observeLoop }),
  };
  return to.send({ call, model: 'tiny', isSentOnce, ...observed }, ask.abort ?? patient);
}

/** The body of a whole answer, which must equal its bytes. */
export async function whole(to: Upstream, body: JsonObject, ask: Ask = {}): Promise<JsonObject> {
  const answer = await send(to, body, ask);
  if (answer.kind !== 'whole') throw new Error(`a ${answer.kind} answer`);
  if (Buffer.from(answer.bytes).toString() !== JSON.stringify(answer.body))
    throw new Error('the bytes of the answer are not its body');
  return answer.body;
}

export async function begin(
  to: Upstream,
  body: JsonObject,
  ask: Ask = {},
): Promise<AsyncIterator<StreamEvent>> {
  const answer = await send(to, body, { ...ask, stream: true });
  if (answer.kind !== 'stream') throw new Error(`a ${answer.kind} answer`);
  return iterated(answer.events);
}

/** The remaining events of a stream. */
export async function rest(events: AsyncIterator<StreamEvent>): Promise<StreamEvent[]> {
  const seen: StreamEvent[] = [];
  for (;;) {
    const next = await events.next();
    if (next.done === true) return seen;
    seen.push(next.value);
  }
}

export const hi = (content = 'hi', more: JsonObject = {}): JsonObject => ({
  messages: [{ role: 'user', content }],
  temperature: 0,
  ...more,
});

export function choice(body: JsonObject | undefined): JsonObject {
  const choices = body?.['choices'];
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined;
  return isObject(first) ? first : {};
}

const textOf = (holder: unknown, member: string): string => {
  const text = isObject(holder) ? holder[member] : undefined;
  return typeof text === 'string' ? text : '';
};

/** The text of a whole chat answer. */
export const content = (body: JsonObject): string => textOf(choice(body)['message'], 'content');

/** The text that one event of a stream adds, chat or completion. */
export const piece = ({ data }: StreamEvent): string =>
  textOf(choice(data)['delta'], 'content') || textOf(choice(data), 'text');

/** The UpstreamError that `work` must reject with. */
export async function failure(work: Promise<unknown>): Promise<UpstreamError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof UpstreamError) return error;
  throw new Error('no UpstreamError', { cause: error });
}
