/** A whole answer: read, parsed once, and checked. */
import { UpstreamError } from '../../core/errors.ts';
import type { Operation } from '../../core/call.ts';
import type { AnswerReading, ByteBudget } from '../../lib/byte-budget.ts';
import { piecesOf } from '../../lib/pieces.ts';
import { isObject, objectsIn, type JsonObject } from '../../lib/json.ts';
import type { Soon } from '../../lib/soon.ts';
import { withoutPythonNumbers } from '../../wire/python-json.ts';
import type { AnswerBody } from './form.ts';
import { failureIn } from './error-shapes.ts';
import { errorInAnswer, type RefusalContext } from './refusal.ts';

/**
 * Reads the body to its end; `memory`: waits for room for what is long. At once where it was waited for.
 * @throws UpstreamError `bad_answer` above `maxBytes`, and errors of the exchange; thrown or as a rejection
 */
export const readWhole = (
  from: AnswerBody,
  maxBytes: number,
  upstream: string,
  memory?: ByteBudget,
): Soon<Buffer> => from.gathered?.() ?? readBody(from, maxBytes, upstream, memory);

async function readBody(
  from: AnswerBody,
  maxBytes: number,
  upstream: string,
  memory?: ByteBudget,
): Promise<Buffer> {
  const first = await from.body.read();
  from.answered();
  if (first === undefined) return Buffer.alloc(0);
  const second = await from.body.read();
  if (second === undefined) return first;
  const reading = memory?.reading();
  try {
    return await readRest([first, second], from, { maxBytes, upstream, reading });
  } finally {
    reading?.over();
  }
}

interface RestOptions {
  readonly maxBytes: number;
  readonly upstream: string;
  readonly reading: AnswerReading | undefined;
}

async function readRest(
  begun: readonly Buffer[],
  from: AnswerBody,
  { maxBytes, upstream, reading }: RestOptions,
): Promise<Buffer> {
  const announced = announcedIn(from, maxBytes);
  // Before it is allocated.
  const room = reading?.take(announced);
  if (room !== undefined) await room;
  const pieces = piecesOf(announced);
  let size = 0;
  const add = (chunk: Buffer): Promise<void> | undefined => {
    size += chunk.length;
    if (size > maxBytes) {
      from.destroy();
      throw tooLarge(upstream, maxBytes);
    }
    pieces.add(chunk);
    return announced === 0 ? reading?.take(chunk.length) : undefined;
  };
  for (const chunk of begun) {
    const more = add(chunk);
    if (more !== undefined) await more;
  }
  for (let chunk = await from.body.read(); chunk !== undefined; chunk = await from.body.read()) {
    const more = add(chunk);
    if (more !== undefined) await more;
  }
  return pieces.whole();
}

/** 0 where it is not said, or more than is taken. */
function announcedIn({ headers = {} }: AnswerBody, maxBytes: number): number {
  const announced = Number(headers['content-length'] ?? 0);
  return announced <= maxBytes ? announced : 0;
}

export const tooLarge = (upstream: string, maxBytes: number): UpstreamError =>
  new UpstreamError('bad_answer', `'${upstream}' sent an answer of more than ${maxBytes} bytes.`);

/** An answer that is nested so deeply that it is parsed, and cannot be written: the server's fault, and not the gateway's. */
export const isTooDeep = (error: unknown): boolean =>
  error instanceof RangeError && error.message.includes('call stack');

export const tooDeep = (upstream: string, cause: unknown): UpstreamError =>
  new UpstreamError('bad_answer', `'${upstream}' sent an answer that is nested too deeply.`, {
    cause,
  });

/** Of an error's body. */
export const MAX_ERROR_BYTES = 256 * 1024;

/** The first bytes of an error's body, however long it is. */
export async function readErrorText(from: AnswerBody, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  from.answered();
  try {
    for (let chunk = await from.body.read(); chunk !== undefined; chunk = await from.body.read()) {
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

export interface ParsedWhole {
  /** The same, or what its caller can read. */
  readonly bytes: Buffer;
  readonly body: JsonObject;
}

/** @throws UpstreamError `bad_answer` if the body is no JSON object, or the error in its `error` member. */
export const parseWhole = (bytes: Buffer, context: RefusalContext): ParsedWhole =>
  parseText(bytes, bytes.toString('utf8', 0, bytes.length), context);

/** The same where its text is known. @throws UpstreamError likewise */
export function parseText(bytes: Buffer, text: string, context: RefusalContext): ParsedWhole {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    const mended = withoutPythonNumbers(text);
    if (mended !== undefined) return parseText(Buffer.from(mended), mended, context);
    throw notJson(context.upstream, cause);
  }
  if (!isObject(body)) throw notJson(context.upstream);
  const failure = failureIn(body);
  if (failure !== undefined) throw errorInAnswer(failure, context);
  return { bytes, body };
}

/** @throws UpstreamError `bad_answer` where a body that claims success holds no answer at all. */
export function requireAnswer(
  body: JsonObject,
  operation: Operation,
  { upstream }: RefusalContext,
): void {
  const place = PLACE_OF_ANSWER[operation];
  if (place === undefined || objectsIn(body[place]).length > 0) return;
  // A response may have nothing to say; that it is one shows in its kind.
  if (operation === 'responses' && (body['object'] === 'response' || Array.isArray(body[place])))
    return;
  const message = `'${upstream}' answered with success, but without \`${place}\`; is its url an OpenAI-compatible base URL, ending in /v1?`;
  throw new UpstreamError('bad_answer', message);
}

const PLACE_OF_ANSWER: Readonly<Partial<Record<Operation, string>>> = {
  chat: 'choices',
  text_completion: 'choices',
  embeddings: 'data',
  responses: 'output',
};

const notJson = (upstream: string, cause?: unknown): UpstreamError =>
  new UpstreamError(
    'bad_answer',
    `'${upstream}' answered with success but not with JSON; is its url an OpenAI-compatible base URL, ending in /v1?`,
    { cause },
  );
