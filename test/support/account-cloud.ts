/** A cloud account on loopback that keeps whatever it is given, for whoever has its key: one bag for everybody. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { JsonObject } from '../../src/lib/json.ts';

export interface AccountCloud {
  readonly url: string;
  /** `GET /v1/files/file_1`, since the last `clear`; looks at the list of models are left out. */
  readonly asked: readonly string[];
  readonly idempotencyKeys: readonly string[];
  clear(): void;
  close(): Promise<void>;
}

const PREFIX: Readonly<Record<string, string>> = {
  files: 'file',
  vector_stores: 'vs',
  'chat/completions': 'chatcmpl',
  responses: 'resp',
};

export async function startAccountCloud(): Promise<AccountCloud> {
  const kept = new Map<string, JsonObject>();
  const asked: string[] = [];
  const idempotencyKeys: string[] = [];
  const server = createServer((incoming, outgoing) => {
    void serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url = '' } = incoming;
    const body = await bodyOf(incoming);
    const { path, query, collection, below } = placeOf(url);
    if (path === '/v1/models') return send(outgoing, { object: 'list', data: [{ id: 'gpt-4o' }] });
    asked.push(`${method} ${url}`);
    const idempotencyKey = incoming.headers['idempotency-key'];
    if (idempotencyKey !== undefined) idempotencyKeys.push(String(idempotencyKey));
    if (body['input'] === 'refuse') return send(outgoing, { error: { message: 'slow' } }, 429);
    if (method === 'POST' && below[0]?.includes('_') !== true) {
      const id = `${PREFIX[collection] ?? collection.replace(/s$/, '')}_${kept.size + 1}`;
      const object = shapeOf(collection, id, body);
      kept.set(id, object);
      return body['stream'] === true ? stream(outgoing, object) : send(outgoing, object);
    }
    lookUp({ collection, query, below });
    function lookUp({
      collection: of,
      query: search,
      below: [id, ...part],
    }: Omit<Place, 'path'>): void {
      if (id === undefined) return send(outgoing, pageOf([...kept.values()], of, search));
      const object = kept.get(id);
      if (object === undefined) return send(outgoing, { error: { message: 'none' } }, 404);
      send(outgoing, part.length === 0 ? object : { of: object, part });
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // `address()` is a string only for pipes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    idempotencyKeys,
    clear: () => {
      asked.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly collection: string;
  /** What stands below it, an object's id first. */
  readonly below: readonly string[];
}

function placeOf(url: string): Place {
  const [path = '', search = ''] = url.split('?');
  const segments = path.split('/').slice(2);
  const words = segments[0] === 'chat' ? 2 : 1;
  const collection = segments.slice(0, words).join('/');
  return { path, query: new URLSearchParams(search), collection, below: segments.slice(words) };
}

function send(outgoing: ServerResponse, value: object, status = 200): void {
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    'openai-organization': 'org-operator',
    'x-ratelimit-remaining-requests': '7',
  });
  outgoing.end(JSON.stringify(value));
}

async function bodyOf(incoming: IncomingMessage): Promise<JsonObject> {
  const isForm = incoming.headers['content-type']?.includes('multipart') === true;
  if (isForm || incoming.headers['content-length'] === undefined) {
    incoming.resume();
    return {};
  }
  return (await json(incoming)) as JsonObject;
}

function shapeOf(collection: string, id: string, body: JsonObject): JsonObject {
  const said = JSON.stringify(body['input'] ?? body['messages'] ?? '');
  if (collection === 'chat/completions') {
    const message = { role: 'assistant', content: said };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    return { id, object: 'chat.completion', created: 1, model: 'gpt-4o', choices };
  }
  if (collection !== 'responses') return { id, object: collection, said };
  const text = { type: 'output_text', text: said, annotations: [] };
  const item = { id: `msg_of_${id}`, type: 'message', role: 'assistant', status: 'completed' };
  const code = { id: `ci_of_${id}`, type: 'code_interpreter_call', container_id: `cntr_of_${id}` };
  const output = [{ ...item, content: [text] }, code];
  return { id, object: 'response', created_at: 1, status: 'completed', model: 'gpt-4o', output };
}

function pageOf(all: readonly JsonObject[], collection: string, query: URLSearchParams): object {
  const own = all.filter(
    ({ object }) =>
      object === collection || (collection === 'chat/completions' && object === 'chat.completion'),
  );
  const start = own.findIndex(({ id }) => id === query.get('after')) + 1;
  // Pages of two, whatever is asked for: a caller's objects lie on many.
  const data = own.slice(start, start + 2);
  return { object: 'list', data, has_more: start + data.length < own.length, total: own.length };
}

function stream(outgoing: ServerResponse, object: JsonObject): void {
  outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
  const events =
    object['object'] === 'response'
      ? ['response.created', 'response.completed'].map((type, at) => ({
          type,
          sequence_number: at,
          response: { ...object, ...(at === 0 ? { status: 'in_progress', output: [] } : {}) },
        }))
      : [
          {
            id: object['id'],
            object: 'chat.completion.chunk',
            created: 1,
            model: 'gpt-4o',
            choices: [
              { index: 0, delta: { role: 'assistant', content: 'x' }, finish_reason: 'stop' },
            ],
          },
        ];
  for (const event of events)
    outgoing.write(
      `${'type' in event ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`,
    );
  outgoing.end(object['object'] === 'response' ? '' : 'data: [DONE]\n\n');
}
