/** A gateway whose local model is down, and everything that arrives at its two clouds as one text. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { startTestGateway } from './gateway-fixture.ts';
import { keepAliveClient } from './keep-alive-client.ts';
import { anthropicCloud } from './residency-matrix.ts';

export interface WatchedCloud {
  /** Resolves to the status. */
  send(path: string, body: string): Promise<number>;
  /** Heads and bodies since the last look. */
  arrived(): string;
  close(): Promise<void>;
}

export async function startWatchedCloud(policy: string): Promise<WatchedCloud> {
  let seen = '';
  const claude = createServer((incoming, outgoing) => {
    void take(incoming, outgoing).catch(() => outgoing.destroy());
  });
  async function take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    seen += JSON.stringify([incoming.url, incoming.headers]) + String(await buffer(incoming));
    outgoing.writeHead(400, { 'content-type': 'application/json' }).end(REFUSAL);
  }
  await new Promise<void>((resolve) => claude.listen(0, '127.0.0.1', resolve));
  const { port } = claude.address() as AddressInfo;
  const whole = await startTestGateway({
    policy,
    // Many answers fail here on purpose.
    config: `${anthropicCloud(`http://127.0.0.1:${port}`)}\nlimits: { breakers: false }`,
  });
  await whole.local.close();
  const client = keepAliveClient(whole.gateway.port);
  seen = '';
  return {
    send: async (path, body) => {
      const { status } = await client.send({ path, body });
      for (const { raw, headers } of whole.cloud.requests)
        seen += JSON.stringify(headers) + raw.toString();
      whole.cloud.clear();
      return status;
    },
    arrived: () => {
      const all = seen;
      seen = '';
      return all;
    },
    close: async () => {
      client.close();
      await whole.close();
      await new Promise((resolve) => {
        claude.close(resolve);
        claude.closeAllConnections();
      });
    },
  };
}

/** That it came is all that is asked; a refusal of the request itself is nobody's failure. */
const REFUSAL = JSON.stringify({
  type: 'error',
  error: { type: 'invalid_request_error', message: 'seen' },
});
