/** What an upstream sends back: answers in the right shape with something else in them, and bytes that hardly are HTTP. */
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Json } from '../../src/lib/json.ts';
import { startFuzzedGateway } from './fuzzed-gateway.ts';
import { damaged, jsonTexts, odd, openaiSchemas, valuesOf } from './values.ts';
import type { FuzzTarget } from './target.ts';

const chunks = jsonTexts(valuesOf(openaiSchemas, 'CreateChatCompletionStreamResponse'));
const events = jsonTexts(valuesOf(openaiSchemas, 'ResponseStreamEvent'));
const wholes = fc.oneof(
  jsonTexts(valuesOf(openaiSchemas, 'CreateChatCompletionResponse')),
  jsonTexts(valuesOf(openaiSchemas, 'Response')),
  jsonTexts(valuesOf(openaiSchemas, 'CreateEmbeddingResponse')),
  jsonTexts(valuesOf(openaiSchemas, 'ErrorResponse')),
  jsonTexts(odd),
  fc.constantFrom(
    '',
    '<html>no</html>',
    'null',
    '[]',
    '{"error":"no"}',
    '{"detail":[{"msg":"no"}]}',
  ),
);
const streams = damaged(
  fc
    .record({
      each: fc.array(fc.oneof(chunks, events, fc.constantFrom('{"error":{"message":"no"}}', '[DONE]', '{}', 'null')), { maxLength: 6 }),
      eol: fc.constantFrom('\n', '\n', '\r\n', '\r'),
      prefix: fc.constantFrom('data: ', 'data:', ': ping\ndata: ', 'event: x\ndata: '),
      done: fc.constantFrom('data: [DONE]\n\n', ''),
    })
    .map(({ each, eol, prefix, done }) => (each.map((data) => `${prefix}${data}\n\n`).join('') + done).replaceAll('\n', eol)),
); // prettier-ignore

const answer = fc.record({
  status: fc.oneof({ weight: 5, arbitrary: fc.constant(200) }, { weight: 2, arbitrary: fc.constantFrom(201, 204, 301, 304, 400, 401, 403, 404, 408, 409, 413, 418, 422, 429, 501, 502, 503, 504, 529, 599) }),
  body: fc.oneof(wholes, streams),
  type: fc.constantFrom('application/json', 'application/json', 'text/event-stream', 'text/event-stream', 'text/html', 'image/png', '', 'application/json; charset=utf-16'),
  framing: fc.constantFrom('length', 'length', 'chunked', 'close', 'too long', 'too short', 'both', 'bad chunk'),
  encoding: fc.constantFrom('', '', '', '', 'gzip', 'lies', 'br', 'constructor'),
  more: fc.array(fc.constantFrom('Retry-After: 1', 'Retry-After: never', 'Location: http://127.0.0.1:1/', 'x-request-id: theirs', 'x-ratelimit-remaining-requests: -1', 'openai-processing-ms: x', 'Set-Cookie: a=b', 'Connection: keep-alive', 'Keep-Alive: timeout=0', 'Upgrade: h2c', 'X-Bad: \u0001'), { maxLength: 3 }),
  damage: fc.option(fc.nat(), { nil: undefined, freq: 9 }),
}); // prettier-ignore

interface Given {
  readonly status: number;
  readonly body: string;
  readonly type: string;
  readonly framing: string;
  readonly encoding: string;
  readonly more: readonly string[];
  readonly damage: number | undefined;
}

function bytesOf({ body, encoding, ...given }: Given): Buffer {
  const plain = Buffer.from(body);
  const sent = encoding === 'gzip' ? gzipSync(plain, { level: 1 }) : plain;
  const lead = given.framing === 'bad chunk' ? 'xyz' : sent.length.toString(16);
  const framed = CHUNKED.has(given.framing)
    ? [Buffer.from(`${lead}\r\n`), sent, Buffer.from('\r\n0\r\n\r\n')]
    : [sent];
  const head = headOf({ ...given, encoding, length: sent.length });
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), ...framed]);
  const { damage } = given;
  if (damage !== undefined) bytes[damage % bytes.length] = damage & 255;
  return bytes;
}

const CHUNKED = new Set(['chunked', 'bad chunk', 'both']);
const WITHOUT_LENGTH = new Set(['close', 'chunked', 'bad chunk']);

type Head = Omit<Given, 'body' | 'damage'> & { readonly length: number };

const headOf = ({ status, type, framing, encoding, more, length }: Head): string =>
  [
    `HTTP/1.1 ${status} Any`,
    ...(type === '' ? [] : [`content-type: ${type}`]),
    ...(CHUNKED.has(framing) ? ['transfer-encoding: chunked'] : []),
    ...(WITHOUT_LENGTH.has(framing) ? [] : [`content-length: ${told(framing, length)}`]),
    ...(encoding === '' ? [] : [`content-encoding: ${encoding === 'lies' ? 'gzip' : encoding}`]),
    ...more,
    '\r\n',
  ].join('\r\n');

function told(framing: string, length: number): number {
  if (framing === 'too long') return length + 9;
  return framing === 'too short' ? length >> 1 : length;
}

/** Answers each request with the bytes of the moment, in two pieces, and hangs up. */
async function startUpstream(
  answering: () => Buffer,
): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (part) => {
      if (!part.includes('\r\n\r\n')) return;
      const asksModels = part.subarray(0, 15).equals(Buffer.from('GET /v1/models '));
      const bytes = asksModels ? MODELS : answering();
      socket.write(bytes.subarray(0, bytes.length >> 1));
      socket.end(bytes.subarray(bytes.length >> 1));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, server };
}

const LIST = '{"object":"list","data":[{"id":"gpt-4o","object":"model"}]}';
const MODELS = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${LIST.length}\r\nconnection: close\r\n\r\n${LIST}`,
);

const PATHS = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/responses',
  '/v1/messages',
  '/v1/embeddings',
  '/v1/moderations',
  '/v1/files',
];

const anyCase = fc.record({ given: answer, path: fc.constantFrom(...PATHS), stream: fc.boolean() });

const asked = (path: string, stream: boolean): Json => ({
  model: path === '/v1/embeddings' ? 'text-embedding-3-small' : 'cloud/gpt-4o',
  ...(path === '/v1/embeddings' ? {} : { stream, max_tokens: 9 }),
  messages: [{ role: 'user', content: 'hi' }],
  input: 'hi',
  prompt: 'hi',
});

export const upstreamAnswers: FuzzTarget = {
  name: 'upstream-answers',
  run: async (running) => {
    let bytes: Buffer = Buffer.alloc(0);
    const upstream = await startUpstream(() => bytes);
    const gateway = await startFuzzedGateway({
      cloudUrl: upstream.url,
      upstream: ', timeouts: { firstByteMs: 10000, idleMs: 10000, wholeMs: 20000 }',
    });
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ given, path, stream }) => {
        bytes = bytesOf(given);
        await gateway.ask({ path, body: JSON.stringify(asked(path, stream)) });
      }),
      running,
    );
    await gateway.close();
    await new Promise((resolve) => upstream.server.close(resolve));
  },
};
