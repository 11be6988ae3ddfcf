/** Gives `/v1/messages` to an upstream that knows chat only; one that speaks it gets the request as it came. */
import type { Call } from '../core/call.ts';
import { UpstreamError } from '../core/errors.ts';
import type { Answer, StreamEvent, Upstream, UpstreamRequest } from '../core/upstream.ts';
import { isGiven, isObject, textIn, type Json } from '../lib/json.ts';
import { mapEvents, namedEvent, type EventStep } from '../wire/events.ts';
import { messagesToChat } from '../wire/messages-to-chat.ts';
import { checkCalls, translation, type Translation } from './from-chat.ts';

type NewId = (prefix: string) => string;

/**
 * The same upstream, also able to answer `messages` calls: by chat where it does not speak that API itself, and where
 * something must be masked, which is done in chat. Everything else goes through unchanged.
 */
export function messagesOverChat(inner: Upstream, newId: NewId): Upstream {
  return {
    name: inner.name,
    kind: inner.kind,
    locality: inner.locality,
    ...(inner.masks === true ? { masks: true } : {}),
    facts: () => inner.facts(),
    send: async (request, abort) =>
      request.call.operation === 'messages' && !isNative(request, inner)
        ? await translated(inner, request, { newId, abort })
        : await inner.send(request, abort),
    probe: (abort) => inner.probe(abort),
    close: () => inner.close(),
  };
}

const isNative = ({ redact }: UpstreamRequest, inner: Upstream): boolean =>
  redact === undefined && inner.facts().capabilities.has('messages');

async function translated(
  inner: Upstream,
  request: UpstreamRequest,
  { newId, abort }: { readonly newId: NewId; readonly abort: AbortSignal },
): Promise<Answer> {
  const { call, model, countUsage } = request;
  const answer = await inner.send({ ...request, call: chatCall(call) }, abort);
  const writer = (answered: Json | undefined): Translation =>
    translation({
      request: call.body,
      id: newId('msg'),
      model: textIn(answered) || model,
      newId,
      ...(countUsage === undefined ? {} : { countUsage }),
    });
  switch (answer.kind) {
    case 'whole':
      return whole(answer, writer);
    case 'stream':
      return { ...answer, events: mapEvents(answer.events, chunkTranslator(writer)) };
    case 'raw':
      await answer.chunks.return?.();
      throw new UpstreamError(
        'bad_answer',
        `The upstream '${inner.name}' answered a chat call with something that is not chat; see its log.`,
      );
  }
}

/** @throws UpstreamError for what chat cannot carry, so that an upstream that speaks this API is asked instead */
function chatCall(call: Call): Call {
  const { body, lost } = messagesToChat(call.body);
  if (lost.length > 0) {
    throw new UpstreamError(
      'not_capable',
      `This upstream answers /v1/messages by way of chat, which cannot carry ${lost.map((kind) => `\`${kind}\``).join(', ')}: leave it out, or ask a model of an upstream of the kind anthropic.`,
    );
  }
  return {
    ...call,
    operation: 'chat',
    path: '/chat/completions',
    wantsUsage: true,
    body,
    payload: Buffer.from(JSON.stringify(body)),
    contentType: 'application/json',
    forwardHeaders: withoutAnthropics(call.forwardHeaders),
  };
}

const withoutAnthropics = (headers: Call['forwardHeaders']): Call['forwardHeaders'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('anthropic-')));

type Writer = (answeredModel: Json | undefined) => Translation;

function whole(answer: Extract<Answer, { kind: 'whole' }>, writer: Writer): Answer {
  checkCalls(answer.body);
  const writing = writer(answer.body['model']);
  writing.push(answer.body);
  if (!writing.finished()) {
    throw new UpstreamError(
      'bad_answer',
      'The upstream answered without a choice or a finish reason; check that its base URL is that of an OpenAI-compatible server.',
    );
  }
  writing.end();
  const body = writing.message();
  return { ...answer, body, bytes: Buffer.from(JSON.stringify(body)) };
}

/** What each step of the upstream's stream makes us say. A comment goes on, since it shows that the upstream lives. */
function chunkTranslator(writer: Writer): EventStep {
  let writing: Translation | undefined;
  const push = (event: StreamEvent): readonly StreamEvent[] => {
    const { data } = event;
    if (data === undefined) return event.done === true ? [] : [event];
    if (isGiven(data['error'])) throw brokenOff(data['error']);
    if (writing !== undefined) return writing.push(data).map(namedEvent);
    writing = writer(data['model']);
    return [...writing.begin(), ...writing.push(data)].map(namedEvent);
  };
  return {
    push,
    end: () => {
      if (writing?.finished() === true) return writing.end().map(namedEvent);
      throw new UpstreamError(
        'interrupted',
        'The upstream ended its stream before the answer was finished; ask again.',
      );
    },
  };
}

function brokenOff(error: Json | undefined): UpstreamError {
  const message = isObject(error) ? textIn(error['message']) : textIn(error);
  return new UpstreamError(
    'interrupted',
    message || 'The upstream broke off its answer; ask again.',
  );
}
