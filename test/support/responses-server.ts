/** A minimal server of `/v1/responses` for one upstream on a loopback port, for tests with real clients. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GatewayError } from '../../src/core/errors.ts';
import { readAll } from '../../src/lib/flow.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import type { Upstream } from '../../src/core/upstream.ts';
import { responsesCall } from './scripted-chat.ts';

export interface ResponsesServer extends AsyncDisposable {
  readonly baseURL: string;
}

/** `pieceBytes`: the size of the pieces in which a stream is written, so that characters and lines are cut. */
export async function responsesServer(
  upstream: Upstream,
  pieceBytes = 7,
): Promise<ResponsesServer> {
  const server = createServer((request, response) => {
    answer(upstream, request, response, pieceBytes).catch((error: unknown) => {
      const wire = error instanceof GatewayError ? error.toWire() : { message: String(error) };
      if (response.headersSent) {
        response.end(`event: error\ndata: ${JSON.stringify({ error: wire })}\n\n`);
        return;
      }
      response.writeHead(error instanceof GatewayError ? error.status : 500, {
        'content-type': 'application/json',
      });
      response.end(JSON.stringify({ error: wire }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  return {
    baseURL: `http://127.0.0.1:${port}/v1`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  upstream: Upstream,
  request: IncomingMessage,
  response: ServerResponse,
  pieceBytes: number,
): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer); // no encoding was set
  const body = JSON.parse(Buffer.concat(pieces).toString()) as JsonObject; // SDKs send objects
  const abort = new AbortController();
  response.on('close', () => abort.abort());
  const got = await upstream.send({ call: responsesCall(body), model: 'm' }, abort.signal);
  if (got.kind === 'whole') {
    response.setHeader('content-type', 'application/json').end(got.bytes);
    return;
  }
  if (got.kind !== 'stream') throw new Error('raw');
  response.setHeader('content-type', 'text/event-stream; charset=utf-8');
  await readAll(got.events, (event) => {
    const bytes = Buffer.from(event.bytes);
    for (let at = 0; at < bytes.length; at += pieceBytes)
      response.write(bytes.subarray(at, at + pieceBytes));
  });
  response.end();
}
