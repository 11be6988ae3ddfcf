/** Adds `/v1/responses`, with its state, to an upstream that has only chat. */
import type { Call } from '../core/call.ts';
import type { UpstreamFacts } from '../core/decision.ts';
import { withGained } from '../core/gained-capabilities.ts';
import { type JsonObject, textIn } from '../lib/json.ts';
import { bothKnown, whenKnown, type Soon } from '../lib/soon.ts';
import { betweenSteps } from '../lib/turns.ts';
import { tenantOf } from '../core/owners.ts';
import type { ResponseStore } from '../core/stored-responses.ts';
import type { Answer, Upstream, UpstreamRequest } from '../core/upstream.ts';
import { chatCall, readWhole, refuseRaw, type MakeReader } from '../wire/by-way-of-chat.ts';
import { withLeftOut } from '../wire/left-out.ts';
import { sendAsFunctions } from '../wire/send-as-functions.ts';
import type { NewId } from './response-object.ts';
import { conversationOf, type Conversation } from './conversation.ts';
import { isMissingRoute, sendNative } from './native.ts';
import { toChatBody, toolsLeftOut } from './to-chat-request.ts';
import { responsesEvents } from './stream.ts';
import { translation, type Translation } from './from-chat-chunks.ts';

export interface ResponsesOptions {
  readonly store: ResponseStore;
  readonly newId: NewId;
  /** Milliseconds since the epoch. */
  readonly nowMs: () => number;
}

/**
 * The same upstream, also able to answer `responses` calls: through chat if it has no native `/responses`, or turns out to lack
 * it; else natively, remembered as the holder of the answer's state. All other calls pass unchanged.
 */
export function responsesOverChat(inner: Upstream, options: ResponsesOptions): Upstream {
  // Learned from its answers; reset by a probe, as the server may have been replaced.
  let lacksRoute = false;
  const respond: Upstream['send'] = async (request, abort) => {
    const facts = inner.facts();
    if (lacksRoute || !isNative(facts)) {
      return translated(inner, request, { ...options, abort });
    }
    try {
      return await sendNative(inner, request, { ...options, abort });
    } catch (error) {
      if (!isMissingRoute(error) || !facts.capabilities.has('chat')) throw error;
      lacksRoute = true;
      return translated(inner, request, { ...options, abort });
    }
  };
  return {
    name: inner.name,
    kind: inner.kind,
    locality: inner.locality,
    ...(inner.masks === true ? { masks: true } : {}),
    facts: withGained(
      () => inner.facts(),
      (now) => (isNative(now) ? [] : ['responses', 'stored_state']),
    ),
    send: (request, abort) =>
      request.call.operation === 'responses' ? respond(request, abort) : inner.send(request, abort),
    probe: (abort) => {
      lacksRoute = false;
      return inner.probe(abort);
    },
    close: () => inner.close(),
  };
}

/**
 * True if the upstream's `/responses` also stores state. A server that does not (vLLM by default) is asked for chat instead, and
 * the state is stored here.
 */
const isNative = ({ capabilities }: UpstreamFacts): boolean =>
  !capabilities.has('chat') || (capabilities.has('responses') && capabilities.has('stored_state'));

async function translated(
  inner: Upstream,
  request: UpstreamRequest,
  options: ResponsesOptions & { readonly abort: AbortSignal },
): Promise<Answer> {
  const { call } = request;
  const asked = conversationOf(call, options);
  const conversation = asked instanceof Promise ? await asked : asked;
  const { length } = call.payload;
  const before = betweenSteps(length);
  if (before !== undefined) await before;
  const chat = toChatBody(call.body, conversation.items);
  const between = betweenSteps(length);
  if (between !== undefined) await between;
  const answer = await sendAsFunctions(
    inner,
    { ...request, call: chatCall(call, chat) },
    options.abort,
  );
  const writer = writerFor(request, options);
  const keep = keeper(call, conversation, { store: options.store, upstream: inner.name });
  const nowSeconds = (): number => Math.floor(options.nowMs() / 1000);
  const headers = withLeftOut(answer.headers, toolsLeftOut(call.body));
  switch (answer.kind) {
    case 'whole': {
      const given = whole({ ...answer, headers }, writer, { keep, nowSeconds });
      return given instanceof Promise ? await given : given;
    }
    case 'stream':
      return {
        kind: 'stream',
        headers,
        events: responsesEvents(answer.events, { writer, keep, nowSeconds }),
      };
    case 'raw':
      return await refuseRaw(answer, inner.name);
  }
}

/** Deferred: the model that answered is known only with the first chunk. */
function writerFor(
  { call, model, countUsage }: UpstreamRequest,
  { newId, nowMs }: ResponsesOptions,
): MakeReader<Translation> {
  const id = newId('resp');
  const createdAt = Math.floor(nowMs() / 1000);
  return (answered) =>
    translation({
      draft: {
        id,
        createdAt,
        model: textIn(answered) || model,
        request:
          call.previousResponseId === undefined
            ? call.body
            : continuing(call.body, call.previousResponseId),
      },
      newId,
      ...(countUsage === undefined ? {} : { countUsage }),
    });
}

const continuing = (body: JsonObject, previousId: string): JsonObject => ({
  ...body,
  previous_response_id: previousId,
});

/**
 * Stores the answer, so that it can be continued, unless `store: false`. An answer that is not stored in time is still sent:
 * continuing it too early fails as with an unknown id.
 */
function keeper(
  call: Call,
  { inputItems, items }: Conversation,
  { store, upstream }: { readonly store: ResponseStore; readonly upstream: string },
): (response: JsonObject) => Soon<void> {
  const { stateDeadline: deadline, caller } = call;
  return (response) => {
    if (call.body['store'] === false) return;
    const kept = { response, inputItems, conversation: items };
    const saved = bothKnown(
      store.save(tenantOf(caller), kept, deadline),
      store.remember(tenantOf(caller), textIn(response['id']), upstream, deadline),
    );
    return whenKnown(deadline.known('responses', saved, nothingSaved), () => {});
  };
}

const nothingSaved = (): readonly [void, void] => [undefined, undefined];

function whole(
  answer: Extract<Answer, { kind: 'whole' }>,
  writer: MakeReader<Translation>,
  { keep, nowSeconds }: Ending,
): Soon<Answer> {
  const writing = readWhole(answer.body, writer);
  writing.end(nowSeconds());
  const response = writing.response();
  return whenKnown(keep(response), () => {
    const bytes = Buffer.from(JSON.stringify(response));
    return { kind: 'whole', headers: answer.headers, bytes, body: response };
  });
}

interface Ending {
  readonly keep: (response: JsonObject) => Soon<void>;
  readonly nowSeconds: () => number;
}
