/** Bodies near the limit of 32 MiB, each of another kind, and a server that takes them and gives answers as large. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** Just below the default of `limits.maxBodyBytes`. */
const BYTES = 31_000_000;

export interface BigBody {
  readonly path: string;
  readonly bytes: Buffer;
  readonly encoding?: 'gzip';
}

const PROSE = 'The committee met on Tuesday and agreed that the report was late again. ';
const repeated = (text: string, bytes = BYTES): string =>
  text.repeat(Math.floor(bytes / Buffer.byteLength(text)));
const list = (count: number, item: (at: number) => string): string =>
  `[${Array.from({ length: count }, (_, at) => item(at)).join(',')}]`;
const message = (content: string, role = 'user'): string =>
  `{"role":"${role}","content":${content}}`;
const body = (path: string, members: string, model = 'local/m'): BigBody => ({
  path,
  bytes: Buffer.from(`{"model":"${model}",${members}}`),
});
const chat = (messages: string, more = ''): BigBody =>
  body('/v1/chat/completions', `"messages":${messages}${more}`);
const said = (content: string, more = ''): BigBody => chat(`[${message(content)}]`, more);
const text = (written: string): string => `"${written}"`;
const nested = (depth: number): string => `${'['.repeat(depth)}1${']'.repeat(depth)}`;
const gzipped = ({ path, bytes }: BigBody): BigBody => ({
  path,
  bytes: gzipSync(bytes, { level: 1 }),
  encoding: 'gzip',
});

/** Strings of JSON that fill a body of this many of them. */
const filling = (count: number): string => text(repeated(PROSE, BYTES / count - 60));

/** By name; made when asked for. Their limits are the defaults: 100,000 members, 500,000 members and items. */
export const bigBodies: Readonly<Record<string, () => BigBody>> = {
  'one text of prose': () => said(text(repeated(PROSE))),
  'one text of Chinese': () => said(text(repeated('委员会星期二开会，认为报告又迟到了。'))),
  'escaped quotes': () => said(text(repeated(String.raw`say \"no\" `))),
  'escaped newlines': () => said(text(repeated(String.raw`a line\n`))),
  'unicode escapes': () => said(text(repeated(String.raw`\u0041\u00e9`))),
  backslashes: () => said(text(repeated(String.raw`\\`))),
  digits: () => said(text(repeated('4111 1111 1111 1112 and 600 123 45 '))),
  'one run of letters': () => said(text(repeated('a'))),
  'base64 in a text': () => said(text(repeated('QUJDREVGR0hJSktMTU5P'))),
  'JSON in a text': () => said(text(`[${repeated(String.raw`{\"a\":1},`)}1]`)),
  '99,000 members': () =>
    said(
      '"hi"',
      `,"x":{${Array.from({ length: 99_000 }, (_, at) => `"key${at}":${filling(99_000)}`).join(',')}}`,
    ),
  '490,000 items': () =>
    said('"hi"', `,"x":${list(490_000, (at) => `"item number ${at} of a long list"`)}`),
  '4,000 messages': () =>
    chat(list(4_000, (at) => message(filling(4_000), at % 2 === 0 ? 'user' : 'assistant'))),
  '24,000 messages': () =>
    chat(list(24_000, (at) => message(filling(24_000), at % 2 === 0 ? 'user' : 'assistant'))),
  '24,000 parts': () => said(list(24_000, () => `{"type":"text","text":${filling(24_000)}}`)),
  'lists in lists': () => said('"hi"', `,"x":${list(3_900, () => nested(120))}`),
  '1,000 tools': () =>
    said(
      '"hi"',
      `,"tools":${list(1_000, (at) => `{"type":"function","function":{"name":"f${at}","description":${filling(1_000)}}}`)}`,
    ),
  'results of tools': () =>
    chat(
      `[${message('"look"')},${list(2_000, (at) => `{"role":"assistant","content":null,"tool_calls":[{"id":"c${at}","type":"function","function":{"name":"f","arguments":${text(String.raw`{\"q\":\"`.concat(repeated(PROSE, 7000), String.raw`\"}`))}}}]},{"role":"tool","tool_call_id":"c${at}","content":${text(repeated(PROSE, 7000))}}`).slice(1)}`,
    ),
  'a data URL of text': () =>
    said(
      `[{"type":"file","file":{"filename":"a.txt","file_data":"data:text/plain;base64,${Buffer.from(repeated(PROSE, BYTES * 0.74)).toString('base64')}"}}]`,
    ),
  'a picture': () =>
    said(
      `[{"type":"text","text":"what is this"},{"type":"image_url","image_url":{"url":"data:image/png;base64,${Buffer.alloc(BYTES * 0.74, 'picture').toString('base64')}"}}]`,
    ),
  '/v1/responses, 8,000 items': () =>
    body(
      '/v1/responses',
      `"input":${list(8_000, (at) => message(filling(8_000), at % 2 === 0 ? 'user' : 'assistant'))}`,
    ),
  '/v1/responses, one text': () => body('/v1/responses', `"input":${text(repeated(PROSE))}`),
  '/v1/messages, 8,000 messages': () =>
    body(
      '/v1/messages',
      `"max_tokens":9,"messages":${list(8_000, (at) => message(filling(8_000), at % 2 === 0 ? 'user' : 'assistant'))}`,
    ),
  '/v1/messages, one text': () =>
    body('/v1/messages', `"max_tokens":9,"messages":[${message(text(repeated(PROSE)))}]`),
  'embeddings, 20,000 texts': () =>
    body('/v1/embeddings', `"input":${list(20_000, () => filling(20_000))}`),
  'embeddings, 72,000 token ids': () =>
    body('/v1/embeddings', `"input":${list(300, () => list(240, (at) => String(at * 97)))}`),
  'a completion': () => body('/v1/completions', `"prompt":${text(repeated(PROSE))}`),
  'gzip of prose': () => gzipped(said(text(repeated(PROSE)))),
  'gzip of 24,000 parts': () =>
    gzipped(said(list(24_000, () => `{"type":"text","text":${filling(24_000)}}`))),
  'the model at the end': () => ({
    path: '/v1/chat/completions',
    bytes: Buffer.from(
      `{"messages":${list(24_000, () => message(filling(24_000)))},"stream":true,"model":"local/m"}`,
    ),
  }),
  'a member twice': () =>
    said(
      list(24_000, () => `{"type":"text","text":${filling(24_000)}}`),
      ',"n":1,"n":1',
    ),
  'no JSON': () => chat(`[${message(filling(1))}`),
  'a large answer of text': () => answered('text'),
  'a large answer of calls': () => answered('calls'),
  'large embeddings': () => body('/v1/embeddings', MANY_FLOATS),
  'large embeddings as base64': () =>
    body('/v1/embeddings', `${MANY_FLOATS},"encoding_format":"base64"`),
  'a large stream of small events': () => answered('small', ',"stream":true'),
  'a large stream of large events': () => answered('large', ',"stream":true'),
  'a whole answer to a stream': () => answered('text', ',"stream":true'),
};

/** As many texts as the answer has vectors. */
const MANY_FLOATS = `"input":${list(1_000, (at) => (at === 0 ? '"answer floats"' : '"x"'))}`;

const answered = (kind: string, more = ''): BigBody => said(text(`answer ${kind}`), more);

export interface BigUpstream {
  /** Ends in `/v1`. */
  readonly url: string;
  readonly close: () => void;
}

/** Answers as large as the message asks, else a word. */
export async function startBigUpstream(): Promise<BigUpstream> {
  const answers = new Map<string, Buffer>();
  const server = createServer((incoming, outgoing) => {
    let head = '';
    const pieces: Buffer[] = [];
    // The gateway may hang up.
    for (const end of [incoming, outgoing]) end.on('error', () => undefined);
    incoming.on('data', (chunk: Buffer) => {
      if (head.length < HEAD_CHARS) head += chunk.toString('latin1').slice(0, HEAD_CHARS);
      if (incoming.url === '/v1/embeddings') pieces.push(chunk);
    });
    incoming.on('end', () => {
      if (incoming.method === 'GET') return outgoing.end('{"object":"list","data":[{"id":"m"}]}');
      const asked = /"answer (\w+)"/.exec(head)?.[1] ?? '';
      if (head.includes('"stream":true') && asked !== 'text') return void streamTo(outgoing, asked);
      outgoing.setHeader('content-type', 'application/json');
      if (pieces.length > 0 && asked === '')
        return outgoing.end(vectorsFor(Buffer.concat(pieces).toString()));
      const kind = asked || usualAnswer(incoming.url ?? '');
      let answer = answers.get(kind);
      if (answer === undefined) answers.set(kind, (answer = Buffer.from(wholeAnswer(kind))));
      return outgoing.end(answer);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // `address()` is a string only for pipes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Characters of a request that say what is asked. */
const HEAD_CHARS = 1000;

const usualAnswer = (url: string): string => /responses/.exec(url)?.[0] ?? 'chat';

/** One for each text or list of tokens that is asked for. */
function vectorsFor(asked: string): string {
  const { input }: { input: unknown } = JSON.parse(asked);
  const count = Array.isArray(input) ? input.length : 1;
  return `{"object":"list","model":"m","data":${list(count, (at) => `{"object":"embedding","index":${at},"embedding":[0.5]}`)},"usage":{"prompt_tokens":1,"total_tokens":1}}`;
}

const completion = (members: string): string =>
  `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant",${members}}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`;

function wholeAnswer(kind: string): string {
  switch (kind) {
    case 'text':
      return completion(`"content":${text(repeated(PROSE))}`);
    case 'calls':
      return completion(
        `"content":null,"tool_calls":${list(50_000, (at) => `{"id":"c${at}","type":"function","function":{"name":"f","arguments":"{\\"q\\":\\"${PROSE.repeat(7)}\\"}"}}`)}`,
      );
    case 'floats':
      return `{"object":"list","model":"m","data":${list(1_000, (at) => `{"object":"embedding","index":${at},"embedding":${list(1_536, (of) => String(Math.sin(of + at)))}}`)},"usage":{"prompt_tokens":1,"total_tokens":1}}`;
    case 'responses':
      return '{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"m","output":[{"type":"message","id":"m1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"hi","annotations":[]}]}],"usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}';
    default:
      return completion('"content":"hi"');
  }
}

const event = (delta: string, finish = 'null'): string =>
  `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"finish_reason":${finish},"delta":${delta}}]}\n\n`;

async function streamTo(outgoing: ServerResponse, kind: string): Promise<void> {
  const piece = kind === 'large' ? repeated(PROSE, 3_000_000) : 'word ';
  const chunk = kind === '' ? '' : event(`{"content":${text(piece)}}`);
  const together = chunk === '' ? '' : chunk.repeat(Math.ceil(65_536 / chunk.length));
  const times = together === '' ? 0 : Math.ceil(BYTES / together.length);
  outgoing.setHeader('content-type', 'text/event-stream');
  for (let sent = 0; sent < times && !outgoing.destroyed; sent += 1)
    if (!outgoing.write(together)) await once(outgoing, 'drain').catch(() => undefined);
  outgoing.write(event('{"content":"hi"}'));
  outgoing.end(`${event('{}', '"stop"')}data: [DONE]\n\n`);
}
