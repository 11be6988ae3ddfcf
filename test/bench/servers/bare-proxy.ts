/** The least a proxy on Node can do: node:http in front, an undici pool behind, bytes passed through. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool, type Dispatcher } from 'undici';

const pool = new Pool(process.env['UPSTREAM'] ?? '', { connections: 512, pipelining: 1 });
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host']);

createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    pass(request, response, Buffer.concat(parts)).catch(() => response.destroy());
  });
}).listen(Number(process.env['PORT']), '127.0.0.1');

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  payload: Buffer,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const { statusCode, headers, body } = await pool.request({
    path: request.url ?? '/',
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- node:http gives any string
    method: request.method as Dispatcher.HttpMethod,
    headers: passedOn(request.headers),
    body: payload,
    signal: gone.signal,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  response.writeHead(statusCode, passedOn(headers));
  body.on('error', () => response.destroy());
  body.pipe(response);
}

const passedOn = <T>(headers: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
