/** A whole answer: read, parsed once, and checked. */
import { UpstreamError } from '../../core/errors.ts';
import { isObject, type JsonObject } from '../../lib/json.ts';
import type { Exchange } from '../http/exchange.ts';
import { errorInAnswer, type RefusalContext } from './refusal.ts';

/**
 * Reads the body to its end.
 * @throws UpstreamError `bad_answer` above `maxBytes`, and errors of the exchange.
 */
export async function readWhole(
  from: Exchange,
  maxBytes: number,
  upstream: string,
): Promise<Buffer> {
  const first = await from.read();
  from.answered();
  if (first === undefined) return Buffer.alloc(0);
  const chunks = [first];
  let size = first.length;
  for (let chunk = await from.read(); chunk !== undefined; chunk = await from.read()) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) {
      from.destroy();
      const message = `'${upstream}' sent an answer of more than ${maxBytes} bytes.`;
      throw new UpstreamError('bad_answer', message);
    }
  }
  return chunks.length === 1 ? first : Buffer.concat(chunks);
}

/** The first `maxBytes` bytes of an error's body. */
export async function readErrorText(from: Exchange, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  from.answered();
  try {
    for (let chunk = await from.read(); chunk !== undefined; chunk = await from.read()) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) break;
    }
  } catch {
    // The status is known: a broken body only loses its message.
  }
  from.drain();
  return Buffer.concat(chunks).toString('utf8', 0, maxBytes);
}

/** @throws UpstreamError `bad_answer` if the body is no JSON object, or the error in its `error` member. */
export function parseWhole(bytes: Buffer, context: RefusalContext): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString('utf8', 0, bytes.length));
  } catch (cause) {
    throw notJson(context.upstream, cause);
  }
  if (!isObject(body)) throw notJson(context.upstream);
  const { error, object } = body;
  // A Responses object has `error: null`; its failures are answers, with `status: failed`.
  const isFailure = Boolean(error) && object !== 'response';
  if (isFailure || object === 'error') throw errorInAnswer(body, context);
  return body;
}

const notJson = (upstream: string, cause?: unknown): UpstreamError =>
  new UpstreamError(
    'bad_answer',
    `'${upstream}' answered with success but not with JSON; is its url an OpenAI-compatible base URL, ending in /v1?`,
    { cause },
  );
