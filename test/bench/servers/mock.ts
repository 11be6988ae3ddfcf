/**
 * The upstream of the benchmark: as cheap as a server can be, so that what is measured is what stands before it.
 * The prompt says how a stream is to be, as in `chunks=1200 interval=50` (pieces, milliseconds between them; 5 and 0 by
 * default), and `fails=gpt-4o` that this model fails. Each piece says its number and the moment it was written, so that the other end can tell what was lost, doubled,
 * reordered or late.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { head, LIST, USAGE, WHOLE } from './answers.ts';

createServer((request, response) => {
  if (request.method === 'POST') collect(request, (body) => answer(body, response));
  else sendJson(response, LIST);
}).listen(Number(process.env['PORT']), '127.0.0.1');

function collect(request: IncomingMessage, then: (body: string) => void): void {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => then(Buffer.concat(parts).toString()));
}

function answer(body: string, response: ServerResponse): void {
  const failing = /fails=([\w-]+)/.exec(body)?.[1];
  if (failing !== undefined && body.includes(`"model":"${failing}"`)) {
    response.writeHead(503).end('{"error":{"message":"The model fails, as the prompt says."}}');
    return;
  }
  if (body.includes('"stream":true')) stream(body, response);
  else sendJson(response, WHOLE);
}

function sendJson(response: ServerResponse, json: string): void {
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(json),
  });
  response.end(json);
}

function stream(body: string, response: ServerResponse): void {
  const chunks = Number(/chunks=(\d+)/.exec(body)?.[1] ?? 5);
  const intervalMs = Number(/interval=(\d+)/.exec(body)?.[1] ?? 0);
  const wantsUsage = body.includes('"include_usage":true');
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  let index = 0;
  const next = () => {
    response.write(piece(index, wantsUsage));
    index += 1;
    if (index >= chunks) finish();
  };
  const finish = () => {
    clearInterval(timer);
    response.end(ending(wantsUsage));
  };
  const timer = intervalMs > 0 ? setInterval(next, intervalMs) : undefined;
  response.on('close', () => clearInterval(timer));
  if (intervalMs === 0) for (let left = chunks; left > 0; left -= 1) next();
}

function piece(index: number, wantsUsage: boolean): string {
  const now = performance.timeOrigin + performance.now();
  const delta = { content: `#${index}@${now.toFixed(3)} ` };
  return event([{ index: 0, delta, logprobs: null, finish_reason: null }], wantsUsage);
}

function event(choices: readonly object[], wantsUsage: boolean): string {
  const usage = wantsUsage ? { usage: null } : {};
  return `data: ${JSON.stringify({ ...head('chat.completion.chunk'), choices, ...usage })}\n\n`;
}

function ending(wantsUsage: boolean): string {
  const finish = event(
    [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }],
    wantsUsage,
  );
  const usage = wantsUsage
    ? `data: ${JSON.stringify({ ...head('chat.completion.chunk'), choices: [], usage: USAGE })}\n\n`
    : '';
  return `${finish}${usage}data: [DONE]\n\n`;
}
