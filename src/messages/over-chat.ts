/** Gives `/v1/messages` to an upstream that knows chat only; one that speaks it gets the request as it came. */
import type { Call } from '../core/call.ts';
import type { LargeBodies, LargeChat } from '../core/large-bodies.ts';
import { UpstreamError } from '../core/errors.ts';
import type { Answer, StreamEvent, Upstream, UpstreamRequest } from '../core/upstream.ts';
import { textIn, type Json } from '../lib/json.ts';
import {
  chatCall,
  readChunks,
  readWhole,
  refuseRaw,
  type MakeReader,
} from '../wire/by-way-of-chat.ts';
import { mapEvents, namedEvent } from '../wire/events.ts';
import { messagesToChat, type MessagesAsChat } from '../wire/messages-to-chat.ts';
import { checkCalls, translation, type Translation } from './from-chat.ts';

type NewId = (prefix: string) => string;

interface Options {
  readonly newId: NewId;
  /** Translates a large call elsewhere. */
  readonly translateLarge?: LargeBodies['messagesAsChat'];
}

/**
 * The same upstream, also able to answer `messages` calls: by chat where it does not speak that API itself, and where
 * something must be masked, which is done in chat. Everything else goes through unchanged.
 */
export function messagesOverChat(inner: Upstream, options: Options): Upstream {
  return {
    name: inner.name,
    kind: inner.kind,
    locality: inner.locality,
    ...(inner.masks === true ? { masks: true } : {}),
    facts: () => inner.facts(),
    send: (request, abort) =>
      request.call.operation === 'messages' && !isNative(request, inner)
        ? translated(inner, request, { ...options, abort })
        : inner.send(request, abort),
    probe: (abort) => inner.probe(abort),
    close: () => inner.close(),
  };
}

const isNative = ({ redact }: UpstreamRequest, inner: Upstream): boolean =>
  redact === undefined && inner.facts().capabilities.has('messages');

async function translated(
  inner: Upstream,
  request: UpstreamRequest,
  { newId, translateLarge, abort }: Options & { readonly abort: AbortSignal },
): Promise<Answer> {
  const { call, model, countUsage } = request;
  const chat = await asChat(call, translateLarge);
  const answer = await inner.send({ ...request, call: chat }, abort);
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
      return { ...answer, events: mapEvents(answer.events, readChunks(writer, { end: ending })) };
    case 'raw':
      return await refuseRaw(answer, inner.name);
  }
}

type AsChat = MessagesAsChat & Partial<Pick<LargeChat, 'payload' | 'large'>>;

/** @throws UpstreamError for what chat cannot carry, so that an upstream that speaks this API is asked instead */
async function asChat(call: Call, translate: Options['translateLarge']): Promise<Call> {
  const elsewhere = translate?.(call);
  const { body, payload, large, lost }: AsChat =
    elsewhere === undefined ? messagesToChat(call.body) : await elsewhere;
  if (lost.length > 0) {
    throw new UpstreamError(
      'not_capable',
      `This upstream answers /v1/messages by way of chat, which cannot carry ${lost.map((kind) => `\`${kind}\``).join(', ')}: leave it out, or ask a model of an upstream of the kind anthropic.`,
    );
  }
  const forwardHeaders = withoutAnthropics(call.forwardHeaders);
  return { ...chatCall(call, body, payload), ...(large && { large }), forwardHeaders };
}

const withoutAnthropics = (headers: Call['forwardHeaders']): Call['forwardHeaders'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('anthropic-')));

const ending = (writing: Translation): readonly StreamEvent[] => writing.end().map(namedEvent);

function whole(
  answer: Extract<Answer, { kind: 'whole' }>,
  writer: MakeReader<Translation>,
): Answer {
  checkCalls(answer.body);
  const writing = readWhole(answer.body, writer);
  writing.end();
  const body = writing.message();
  return { ...answer, body, bytes: Buffer.from(JSON.stringify(body)) };
}
