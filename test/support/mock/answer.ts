/** Writes the answer to a request, according to its behaviour. */
import type { Json, JsonObject } from '../../../src/lib/json.ts';
import type { AnswerBehaviour, Behaviour } from './behaviour.ts';
import { chatChunks, chatCompletion, textChunks, textCompletion, type Shape } from './chat.ts';
import { embeddingsAnswer } from './embeddings.ts';
import { errorBody } from './errors.ts';
import { isList, stringOf } from './json.ts';
import type { Media } from './media.ts';
import { replyTo, type Say } from './reply.ts';
import { responseEvents, responseObject } from './responses.ts';
import { resetSoon, writeStream, type Exchange, type OutEvent } from './stream.ts';

/** The state of a mock, apart from its socket. */
export interface Persona {
  readonly models: readonly string[];
  readonly say: Say;
  readonly media: Media;
  /** Paths below `/v1` that it answers with 404: `/responses`, `/embeddings`. */
  readonly without: readonly string[];
  /** The model name in every answer; undefined = the requested one. */
  readonly answersAs: string | undefined;
  readonly newId: (prefix: string) => string;
  readonly stored: Map<string, JsonObject>;
}

const GENERATED = new Set(['/v1/chat/completions', '/v1/completions', '/v1/responses']);

export async function answer(exchange: Exchange, persona: Persona): Promise<void> {
  const { behaviour, request, response } = exchange;
  switch (behaviour.kind) {
    case 'hang':
      return;
    case 'reset':
      if (behaviour.afterHeaders) response.writeHead(200, { 'content-type': 'application/json' });
      if (behaviour.afterHeaders) response.flushHeaders();
      return resetSoon(exchange);
    case 'raw':
      return sendBytes(exchange, behaviour.status ?? 200, behaviour.body, {
        'content-type': 'application/json',
        ...behaviour.headers,
      });
    case 'error': {
      const { type, body } = errorBody(behaviour);
      return sendBytes(exchange, behaviour.status, body, {
        'content-type': type,
        ...behaviour.headers,
      });
    }
    case 'answer':
    case 'broken': {
      const generated = GENERATED.has(request.path) && request.method === 'POST';
      return generated ? generate(exchange, persona) : lookUp(exchange, persona);
    }
  }
}

async function generate(exchange: Exchange, persona: Persona): Promise<void> {
  const { request } = exchange;
  if (persona.without.some((path) => request.path === `/v1${path}`)) return notFound(exchange);
  const behaviour = answerOf(exchange.behaviour);
  const [shapeOne, shapeEvents, prefix] = shapesOf(request.path);
  const shape: Shape = {
    body: request.body,
    reply: replyTo(request, behaviour, persona.say),
    behaviour,
    id: persona.newId(prefix),
    model: persona.answersAs ?? stringOf(request.body['model'], persona.models[0]),
  };
  if (prefix === 'resp_' && request.body['store'] !== false)
    persona.stored.set(shape.id, { ...responseObject(shape), input: request.body['input'] });
  if (request.body['stream'] === true) return writeStream(exchange, shapeEvents(shape));
  await behaviour.gate?.(0);
  return sendJson(exchange, shapeOne(shape), behaviour.status, behaviour.headers);
}

type Shaping = readonly [
  whole: (shape: Shape) => JsonObject,
  events: (shape: Shape) => readonly OutEvent[],
  idPrefix: string,
];

function shapesOf(path: string): Shaping {
  if (path.endsWith('/chat/completions')) return [chatCompletion, chatChunks, 'chatcmpl-'];
  if (path.endsWith('/responses')) return [responseObject, responseEvents, 'resp_'];
  return [textCompletion, textChunks, 'cmpl-'];
}

const answerOf = (behaviour: Behaviour): AnswerBehaviour =>
  behaviour.kind === 'answer' ? behaviour : { kind: 'answer' };

function lookUp(exchange: Exchange, persona: Persona): void {
  const { request } = exchange;
  if (persona.without.some((path) => request.path.startsWith(`/v1${path}`)))
    return notFound(exchange);
  const json = jsonFor(exchange, persona);
  if (json !== undefined) return sendJson(exchange, json);
  const media = persona.media(request);
  if (media === undefined) return notFound(exchange);
  if (typeof media.body === 'string' || Buffer.isBuffer(media.body))
    return sendBytes(exchange, media.status ?? 200, media.body, {
      'content-type': media.type ?? 'text/plain',
    });
  return sendJson(exchange, media.body, media.status);
}

function jsonFor({ request }: Exchange, persona: Persona): JsonObject | undefined {
  const { method, path, body } = request;
  if (method === 'POST' && path === '/v1/embeddings')
    return embeddingsAnswer(body, stringOf(body['model']));
  if (path.startsWith('/v1/responses/')) return storedResponse(method, path, persona);
  if (method !== 'GET') return undefined;
  if (path === '/v1/chat/completions') return { object: 'list', data: [], has_more: false };
  if (path === '/v1/models')
    return { object: 'list', data: persona.models.map((id) => modelCard(id)) };
  const id = decodeURIComponent(path.slice('/v1/models/'.length));
  return path.startsWith('/v1/models/') && persona.models.includes(id) ? modelCard(id) : undefined;
}

const modelCard = (id: string): JsonObject => ({
  id,
  object: 'model',
  created: 1_767_225_600,
  owned_by: 'mock',
});

function storedResponse(method: string, path: string, persona: Persona): JsonObject | undefined {
  const [id = '', part] = path.slice('/v1/responses/'.length).split('/');
  const response = persona.stored.get(id);
  if (response === undefined) return undefined;
  if (method === 'DELETE') {
    persona.stored.delete(id);
    return { id, object: 'response', deleted: true };
  }
  const { input, ...shown } = response;
  if (part === 'input_items') return { object: 'list', data: itemsOf(input), has_more: false };
  return part === 'cancel' ? { ...shown, status: 'cancelled' } : shown;
}

const itemsOf = (input: Json | undefined): Json =>
  isList(input)
    ? input
    : [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input ?? '' }] }];

function notFound(exchange: Exchange): void {
  const { method, path } = exchange.request;
  const model = path.startsWith('/v1/models/');
  const { type, body } = errorBody({
    status: 404,
    message: model
      ? `The model '${path.slice(11)}' does not exist`
      : `Invalid URL (${method} ${path})`,
    code: model ? 'model_not_found' : null,
  });
  sendBytes(exchange, 404, body, { 'content-type': type });
}

function sendJson(
  exchange: Exchange,
  body: JsonObject,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendBytes(exchange, status, JSON.stringify(body), {
    'content-type': 'application/json',
    ...headers,
  });
}

function sendBytes(
  { response }: Exchange,
  status: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>>,
): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { 'content-length': bytes.length, ...headers });
  response.end(bytes);
}
