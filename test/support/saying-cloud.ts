/** A gateway before a cloud that answers everything with a text that a test sets, and OpenAI's SDK in front of it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import type { JsonObject } from '../../src/lib/json.ts';
import { startTestGateway, type WholeGateway } from './gateway-fixture.ts';

export interface SayingCloud {
  readonly client: OpenAI;
  readonly whole: WholeGateway;
  /** The body of each answer from now on: events where it begins as such, else JSON. */
  say(body: string, status?: number): void;
  /** The last body that the cloud was asked with. */
  asked(): JsonObject;
  close(): Promise<void>;
}

/** @param headers of its answers */
export async function startSayingCloud(
  headers: Readonly<Record<string, string>> = {},
): Promise<SayingCloud> {
  let body = '';
  let last = '{}';
  let code = 200;
  const cloud = createServer((request, response) => {
    let asked = '';
    request.on('data', (bytes: Buffer) => (asked += bytes.toString()));
    request.once('end', () => {
      if (request.method === 'POST') last = asked;
      const said = request.method === 'GET' ? '{"data":[]}' : body;
      const isEvents = /^(?:data|event):/.test(said);
      for (const name in headers) response.setHeader(name, headers[name] ?? '');
      response.setHeader('content-type', isEvents ? 'text/event-stream' : 'application/json');
      if (request.method === 'POST') response.statusCode = code;
      response.end(said);
    });
  });
  await new Promise<void>((resolve) => {
    cloud.listen(0, '127.0.0.1', resolve);
  });
  const { port } = cloud.address() as AddressInfo; // it listens on a TCP port
  const whole = await startTestGateway({ cloudUrl: `http://127.0.0.1:${port}/v1` });
  return {
    client: new OpenAI({ baseURL: `${whole.gateway.url}/v1`, apiKey: 'none', maxRetries: 0 }),
    whole,
    say: (next, status = 200) => {
      body = next;
      code = status;
    },
    asked: () => JSON.parse(last) as JsonObject,
    close: async () => {
      await whole.close();
      cloud.close();
      cloud.closeAllConnections();
    },
  };
}
