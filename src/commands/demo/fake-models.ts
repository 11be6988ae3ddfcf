/**
 * A scripted model server on loopback: OpenAI's chat API with canned answers, at a configured speed and
 * failure rate.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { isObject, type JsonObject } from '../../lib/json.ts';
import { answerTo } from './answers.ts';

interface Speed {
  /** Milliseconds until the first token, in addition to `promptMs`. */
  readonly firstTokenMs: number;
  /** Milliseconds per 100 tokens of the prompt. */
  readonly promptMs: number;
  readonly tokensPerSecond: number;
}

export interface FakeModelOptions {
  /** Listed at `/models`; the first one answers requests that name none of them. */
  readonly models: readonly [string, ...string[]];
  readonly speed: Speed;
  /** The small model answers in a sentence, the large one in a paragraph. */
  readonly voice: 'small' | 'large';
  /** Share of requests answered with 429, and with 500. */
  readonly refused: number;
  readonly broken: number;
  /** 0 ≤ x < 1, uniformly. */
  readonly random: () => number;
}

export interface FakeModel {
  /** Base URL, `/v1` included. */
  readonly url: string;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function startFakeModel(options: FakeModelOptions): Promise<FakeModel> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return { url: `http://127.0.0.1:${portOf(server)}/v1`, close: () => closeServer(server) };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: FakeModelOptions,
): Promise<void> {
  const path = (request.url ?? '').split('?')[0];
  if (request.method === 'GET' && path === '/v1/models') {
    sendJson(response, 200, models(options.models));
    return;
  }
  if (request.method !== 'POST' || path !== '/v1/chat/completions') {
    sendJson(response, 404, failure(`no such route: ${request.method} ${path}`, 'not_found'));
    return;
  }
  const reply = planReply(await readBody(request), options);
  if (reply === undefined) {
    sendJson(response, 400, failure('the body must be a chat request', 'invalid_request_error'));
    return;
  }
  await complete(response, reply, options);
}

/** The answer to one chat request. */
interface PlannedReply {
  readonly model: string;
  readonly stream: boolean;
  readonly wantsUsage: boolean;
  readonly promptTokens: number;
  /** The text in pieces of about a token each, cut to the caller's limit. */
  readonly pieces: readonly string[];
  readonly finish: 'stop' | 'length';
}

function planReply(body: unknown, options: FakeModelOptions): PlannedReply | undefined {
  if (!isObject(body) || !Array.isArray(body['messages'])) return undefined;
  const texts = body['messages'].map(textOf);
  const all = toPieces(answerTo(texts, options.voice));
  const limit = body['max_completion_tokens'] ?? body['max_tokens'];
  const maxPieces = typeof limit === 'number' && limit > 0 ? limit : all.length;
  const named = body['model'];
  const include = body['stream_options'];
  return {
    model: typeof named === 'string' && options.models.includes(named) ? named : options.models[0],
    stream: body['stream'] === true,
    wantsUsage: isObject(include) && include['include_usage'] === true,
    promptTokens: texts.reduce((sum, text) => sum + 4 + tokensOf(text), 3),
    pieces: all.slice(0, maxPieces),
    finish: maxPieces < all.length ? 'length' : 'stop',
  };
}

function textOf(message: unknown): string {
  const content = isObject(message) ? message['content'] : '';
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : ''))
    .join(' ');
}

/** English and Spanish have about four characters per token. */
const tokensOf = (text: string): number => Math.ceil(text.length / 4);

/** Words with the space before them, long ones split: about as many pieces as tokens. */
const toPieces = (text: string): string[] => text.match(/\s*\S{1,6}/g) ?? [];

async function complete(
  response: ServerResponse,
  reply: PlannedReply,
  options: FakeModelOptions,
): Promise<void> {
  const { random, refused, broken, speed } = options;
  const draw = random();
  // Times vary by up to a third, as on a shared machine.
  const jitter = 0.67 + 0.66 * random();
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  if (draw < refused) {
    response.setHeader('retry-after', '1');
    sendJson(response, 429, failure('Rate limit reached (demo)', 'rate_limit_error'));
    return;
  }
  await wait(
    (speed.firstTokenMs + (speed.promptMs * reply.promptTokens) / 100) * jitter,
    closed.signal,
  );
  if (draw < refused + broken) {
    sendJson(response, 500, failure('The server had an error (demo)', 'server_error'));
    return;
  }
  const perTokenMs = (1000 / speed.tokensPerSecond) * jitter;
  const id = `chatcmpl-demo-${Math.floor(random() * 1e12).toString(36)}`;
  if (reply.stream) await stream(response, { reply, id, perTokenMs, signal: closed.signal });
  else {
    await wait(perTokenMs * reply.pieces.length, closed.signal);
    sendJson(response, 200, whole(reply, id));
  }
}

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  pause(Math.max(0, ms), undefined, { signal, ref: false });

const usage = ({ promptTokens, pieces }: PlannedReply): JsonObject => ({
  prompt_tokens: promptTokens,
  completion_tokens: pieces.length,
  total_tokens: promptTokens + pieces.length,
});

const whole = (reply: PlannedReply, id: string): JsonObject => ({
  id,
  object: 'chat.completion',
  created: 0,
  model: reply.model,
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: reply.pieces.join(''), refusal: null },
      finish_reason: reply.finish,
      logprobs: null,
    },
  ],
  usage: usage(reply),
});

interface Streaming {
  readonly reply: PlannedReply;
  readonly id: string;
  readonly perTokenMs: number;
  readonly signal: AbortSignal;
}

async function stream(response: ServerResponse, job: Streaming): Promise<void> {
  const { reply, id, perTokenMs, signal } = job;
  const base = { id, object: 'chat.completion.chunk', created: 0, model: reply.model };
  const send = (chunk: JsonObject): void =>
    void response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  const choice = (delta: JsonObject, finish: string | null = null): JsonObject => ({
    ...base,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  send(choice({ role: 'assistant', content: '' }));
  for (const piece of reply.pieces) {
    send(choice({ content: piece }));
    await wait(perTokenMs, signal);
  }
  send(choice({}, reply.finish));
  if (reply.wantsUsage) send({ ...base, choices: [], usage: usage(reply) });
  response.end('data: [DONE]\n\n');
}

const models = (names: readonly string[]): JsonObject => ({
  object: 'list',
  data: names.map((id) => ({ id, object: 'model', created: 0, owned_by: 'demo' })),
});

const failure = (message: string, type: string): JsonObject => ({
  error: { message, type, param: null, code: null },
});

function sendJson(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await readText(request));
  } catch {
    return undefined;
  }
}
