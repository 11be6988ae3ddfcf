/** Decorates an upstream: masks what it is sent, and restores the original values in its answers. */
import type { Call } from '../core/call.ts';
import { UpstreamError, type WireError } from '../core/errors.ts';
import { isObject } from '../lib/json.ts';
import type { PersonalDetector, PersonalKind } from '../core/masking.ts';
import type { Answer, AnswerHeaders, Upstream, UpstreamRequest } from '../core/upstream.ts';
import { mapTexts } from './json-texts.ts';
import { closeIterator } from '../lib/iterators.ts';
import { mapEvents } from '../wire/events.ts';
import { maskCall, type Masked } from './mask-call.ts';
import { createRestorer, type Placeholders } from './placeholders.ts';
import { chatRestorer } from './restore-chat.ts';
import { responsesRestorer } from './restore-responses.ts';

/**
 * The innermost decorator: translation and stored state see the original text, the upstream never does. `send` rejects with
 * `withheld` if something would stay unmasked.
 */
export function maskedUpstream(inner: Upstream, detector: PersonalDetector): Upstream {
  const maskedSend = async (
    request: UpstreamRequest,
    kinds: readonly PersonalKind[],
    abort: AbortSignal,
  ): Promise<Answer> => {
    const { redact: _, ...rest } = request;
    const { call, placeholders } = await masked(rest, kinds, detector);
    rest.egress?.valuesMasked(placeholders.counts());
    const answer = await inner.send({ ...rest, call }, abort);
    return placeholders.size() === 0 ? answer : restored(answer, call, placeholders);
  };
  return {
    name: inner.name,
    kind: inner.kind,
    locality: inner.locality,
    masks: true,
    facts: () => inner.facts(),
    send: (request, abort) =>
      request.redact === undefined
        ? inner.send(request, abort)
        : maskedSend(request, request.redact, abort),
    probe: (abort) => inner.probe(abort),
    close: () => inner.close(),
  };
}

async function masked(
  { call }: UpstreamRequest,
  kinds: readonly PersonalKind[],
  detector: PersonalDetector,
): Promise<Masked> {
  try {
    return await maskCall(call, kinds, detector);
  } catch (error) {
    // A request that cannot be searched cannot be masked.
    const failed = 'This request must stay local: looking for personal data in it failed.';
    const message = error instanceof UpstreamError ? error.message : failed;
    throw new UpstreamError('withheld', message, { cause: error, ...notPassedOn(call, message) });
  }
}

/** A passthrough route that may not be forwarded answers as an unknown route. */
function notPassedOn({ operation, method, path }: Call, why: string): RefusalShape {
  if (operation !== 'passthrough') return {};
  const [route = path] = path.split('?', 1);
  const message = `Invalid URL (${method} /v1${route}). ${why}`;
  return { status: 404, wire: { message, type: 'invalid_request_error', param: null, code: null } };
}

type RefusalShape = { readonly status?: number; readonly wire?: WireError };

function restored(answer: Answer, call: Call, placeholders: Placeholders): Answer {
  switch (answer.kind) {
    case 'whole': {
      const body = mapTexts(answer.body, placeholders.restore);
      if (body === answer.body || !isObject(body)) return answer;
      return { ...answer, body, bytes: Buffer.from(JSON.stringify(body)) };
    }
    case 'stream': {
      const make = call.operation === 'responses' ? responsesRestorer : chatRestorer;
      const restorer = make(placeholders, { isJson: answersJson(call) });
      return { ...answer, events: mapEvents(answer.events, restorer) };
    }
    case 'raw':
      return isText(answer.headers)
        ? { ...answer, chunks: restoredChunks(answer.chunks, placeholders, answer.headers) }
        : answer;
  }
}

/** True if the caller asked for JSON: restored values must be quoted like its strings. */
function answersJson({ body }: Call): boolean {
  const text = body['text'];
  const format = body['response_format'] ?? (isObject(text) ? text['format'] : undefined);
  return (
    isObject(format) && typeof format['type'] === 'string' && format['type'].startsWith('json')
  );
}

const typeOf = (headers: AnswerHeaders): string => headers['content-type'] ?? '';

const isText = (headers: AnswerHeaders): boolean =>
  headers['content-encoding'] === undefined &&
  /^text\/|json\b/i.test(typeOf(headers)) &&
  !/charset=(?!"?utf-?8)/i.test(typeOf(headers));

/** Bytes that are not UTF-8 stay unchanged. */
function restoredChunks(
  chunks: AsyncIterator<Uint8Array>,
  placeholders: Placeholders,
  headers: AnswerHeaders,
): AsyncIterator<Uint8Array> {
  const isQuoted = /json|event-stream/i.test(typeOf(headers));
  const restore = isQuoted ? placeholders.restoreQuoted : placeholders.restore;
  const restorer = createRestorer(placeholders, restore);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let isOver = false;
  return {
    next: async () => {
      if (isOver) return { done: true, value: undefined };
      const step = await chunks.next();
      isOver = step.done === true;
      const text =
        step.done === true
          ? restorer.push(decoder.decode()) + restorer.flush()
          : restorer.push(decoder.decode(step.value, { stream: true }));
      if (isOver && text === '') return { done: true, value: undefined };
      return { done: false, value: Buffer.from(text) };
    },
    return: () => closeIterator(chunks),
  };
}
