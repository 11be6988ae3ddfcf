/** A stored response that is read back from its server: if it failed, it repeats the server's error text, which is cleaned. */
import type { Call } from '../../core/call.ts';
import type { Locality } from '../../core/decision.ts';
import type { Answer } from '../../core/upstream.ts';
import type { CleanWords } from '../clean-words.ts';
import type { ByteBudget } from '../../lib/byte-budget.ts';
import { pulled } from '../../lib/flow.ts';
import { isObject, type JsonObject } from '../../lib/json.ts';
import { changedMembers, spliceJson } from '../../lib/json-splice.ts';
import { completeness } from '../../wire/stream-end.ts';
import { decoded } from '../http/decoded.ts';
import type { Exchange } from '../http/exchange.ts';
import { visibleHeaders } from '../http/headers.ts';
import { rawChunks } from '../http/passthrough-body.ts';
import { cleanedFailure } from './failed-response.ts';
import { bodyOf, isEventStream, type AnswerBody } from './form.ts';
import { openStream } from './stream.ts';
import { readWhole } from './whole.ts';

interface Reading {
  readonly name: string;
  readonly locality: Locality;
  readonly clean: CleanWords;
  readonly memory?: ByteBudget | undefined;
}

const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

/** `GET /responses/{id}`, whole or streamed. */
export const isRetrieval = ({ method, path }: Call): boolean =>
  method === 'GET' && /^\/responses\/[^/?]+(?:\?|$)/.test(path);

/** Every byte as it came, but for the texts of an error inside. */
export async function retrievedResponse(
  given: Exchange,
  call: Call,
  server: Reading,
): Promise<Answer> {
  const from = decoded(given, server.name);
  const { 'content-encoding': _, ...headers } = visibleHeaders(from.headers, 'raw');
  const chunks = (await isEventStream(from))
    ? await cleanedEvents(from, call, server)
    : rawChunks(bodyOf(await cleanedWhole(from, server)));
  return { kind: 'raw', status: from.status, headers, chunks };
}

async function cleanedWhole(body: AnswerBody, { name, clean, memory }: Reading): Promise<Buffer> {
  const bytes = await readWhole(body, MAX_RESPONSE_BYTES, name, memory);
  const response = parsed(bytes);
  if (response === undefined) return bytes;
  const cleaned = cleanedFailure(response, clean);
  return cleaned === response ? bytes : spliceJson(bytes, changedMembers(response, cleaned));
}

function parsed(bytes: Buffer): JsonObject | undefined {
  try {
    const body: unknown = JSON.parse(bytes.toString());
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

async function cleanedEvents(
  body: AnswerBody,
  call: Call,
  { name, locality, clean }: Reading,
): Promise<AsyncIterator<Uint8Array>> {
  const events = await openStream(body, {
    context: { upstream: name, locality, isCallersModel: false, headers: {}, clean },
    completeness: completeness('responses', call.id),
    wantsUsage: true,
    maxEventBytes: MAX_RESPONSE_BYTES,
    replaced: () => undefined,
    taken: (data) => cleanedFailure(data, clean),
    onUsage: () => undefined,
  });
  const reading = pulled(events);
  return {
    next: async () => {
      const event = await reading.read();
      return event === undefined
        ? { done: true, value: undefined }
        : { done: false, value: event.bytes };
    },
    return: async () => {
      reading.cancel();
      return { done: true, value: undefined };
    },
  };
}
