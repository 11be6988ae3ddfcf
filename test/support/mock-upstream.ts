/**
 * An OpenAI-compatible server on loopback with scripted behaviour: correct, faulty, or like a particular
 * server. `behaviour` selects it for each request, or a marker in the last user message (see `mark`), which
 * also works through a gateway and in another process.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../../src/lib/json.ts';
import { answer, type Persona } from './mock/answer.ts';
import { markerReader, type Behaviour } from './mock/behaviour.ts';
import { mediaEndpoints } from './mock/media.ts';
import { sayBack, type Say } from './mock/reply.ts';
import { readRequest, type MockRequest } from './mock/request.ts';

export { mark, type Behaviour } from './mock/behaviour.ts';
export type { MockRequest } from './mock/request.ts';

export interface MockOptions {
  /** Part of each answer: `<name> answers: …`. */
  readonly name?: string;
  readonly models?: readonly string[];
  /** 0 = any free port. */
  readonly port?: number;
  /** The behaviour for a request without a marker; undefined = answer. */
  readonly behaviour?: (request: MockRequest) => Behaviour | undefined;
  /** The text of an answer. */
  readonly say?: Say;
  /** Requests without this bearer key get 401. */
  readonly apiKey?: string;
  /** Paths below `/v1` that this server does not have: `['/responses']`. */
  readonly without?: readonly string[];
  /** The model name in every answer; default: the requested one. */
  readonly answersAs?: string;
  /** Names that are not served get 404, as Ollama, vLLM and OpenAI do. */
  readonly strictModels?: boolean;
  /** Further routes: `'GET /api/version'` → its JSON. */
  readonly routes?: Readonly<Record<string, JsonObject>>;
  /** Sent with every answer: `server`, `x-request-id`, rate limits. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Keep requests. Off for a load test, where the list would grow without end. Default true. */
  readonly record?: boolean;
}

export interface MockUpstream {
  /** Ends in `/v1`. */
  readonly url: string;
  readonly port: number;
  /** Every request whose body has arrived, in order. */
  readonly requests: readonly MockRequest[];
  /** How many clients disconnected before their answer was complete. */
  readonly hangups: () => number;
  /** The next client that disconnects (or one that did since the last call, in order). */
  readonly nextHangup: () => Promise<MockRequest>;
  /** The next request to arrive (or one that arrived since the last call, in order). */
  readonly nextRequest: () => Promise<MockRequest>;
  /** Forgets all requests so far. */
  readonly clear: () => void;
  /** Stops listening and cuts every connection. */
  readonly close: () => Promise<void>;
}

export async function startMockUpstream(options: MockOptions = {}): Promise<MockUpstream> {
  const requests: MockRequest[] = [];
  const arrivals = mailbox<MockRequest>();
  const hangups = mailbox<MockRequest>();
  const behave = chooser(options, personaOf(options));
  const server = createServer({ keepAlive: true, noDelay: true }, (message, response) => {
    void serve(message, response).catch(() => response.destroy());
  });

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(message);
    if (options.record !== false) {
      requests.push(request);
      arrivals.post(request);
    }
    for (const [name, value] of Object.entries(options.headers ?? {}))
      response.setHeader(name, value);
    const gone = new AbortController();
    response.once('close', () => {
      if (response.writableEnded || request.cut) return;
      request.aborted = true;
      gone.abort();
      hangups.post(request);
    });
    await behave(request, response, gone.signal);
  }

  await listen(server, options.port ?? 0);
  // `address()` is a string only for pipes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requests,
    hangups: hangups.count,
    nextHangup: hangups.next,
    nextRequest: arrivals.next,
    clear: () => {
      requests.length = 0;
      arrivals.clear();
      hangups.clear();
    },
    close: () => closed(server),
  };
}

function personaOf(options: MockOptions): Persona {
  const name = options.name ?? 'mock';
  let made = 0;
  return {
    models: options.models ?? ['mock-model'],
    say: options.say ?? sayBack(name),
    media: mediaEndpoints(),
    without: options.without ?? [],
    answersAs: options.answersAs,
    newId: (prefix) => `${prefix}${name}-${(made += 1)}`,
    stored: new Map(),
  };
}

type Behave = (request: MockRequest, response: ServerResponse, gone: AbortSignal) => Promise<void>;

function chooser(options: MockOptions, persona: Persona): Behave {
  const readMarker = markerReader();
  return async (request, response, gone) => {
    const extra = options.routes?.[`${request.method} ${request.path}`];
    const behaviour = (extra === undefined ? undefined : jsonBehaviour(extra)) ??
      refusalOf(request, options) ??
      readMarker(request.text) ??
      options.behaviour?.(request) ?? { kind: 'answer' as const };
    await answer({ request, response, behaviour, gone }, persona);
  };
}

const jsonBehaviour = (body: JsonObject): Behaviour => ({
  kind: 'raw',
  body: JSON.stringify(body),
});

function refusalOf(request: MockRequest, options: MockOptions): Behaviour | undefined {
  const { apiKey, strictModels, models = ['mock-model'] } = options;
  if (apiKey !== undefined && request.headers.authorization !== `Bearer ${apiKey}`)
    return { kind: 'error', status: 401, message: 'Incorrect API key provided.' };
  const model = request.body['model'];
  if (!strictModels || typeof model !== 'string' || models.includes(model)) return undefined;
  return { kind: 'error', status: 404, message: `The model '${model}' does not exist` };
}

interface Mailbox<T> {
  readonly post: (item: T) => void;
  readonly next: () => Promise<T>;
  readonly count: () => number;
  readonly clear: () => void;
}

/** Items wait for readers and readers for items, both in order. */
function mailbox<T>(): Mailbox<T> {
  const items: T[] = [];
  const readers: ((item: T) => void)[] = [];
  let posted = 0;
  return {
    post: (item) => {
      posted += 1;
      const reader = readers.shift();
      if (reader === undefined) items.push(item);
      else reader(item);
    },
    next: () => {
      const item = items.shift();
      return item === undefined
        ? new Promise((resolve) => readers.push(resolve))
        : Promise.resolve(item);
    },
    count: () => posted,
    clear: () => {
      items.length = 0;
      posted = 0;
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
