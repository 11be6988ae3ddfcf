/** A client that writes what it is given, with a media type and a length of its own: one connection, no redirects. */
import { Agent, request } from 'node:http';

export interface Sending {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
}

export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The connection ended before the answer did. */
  readonly isCut: boolean;
}

export interface KeepAliveClient {
  /** @throws Error when there is no answer at all */
  send(sending: Sending): Promise<Received>;
  close(): void;
}

export function keepAliveClient(port: number): KeepAliveClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const send = (sending: Sending, isAgain = false): Promise<Received> =>
    new Promise((resolve, reject) => {
      const { path, method = 'POST', headers, body } = sending;
      const asked = request({
        host: '127.0.0.1',
        port,
        path,
        method,
        agent,
        headers: { 'content-type': 'application/json', ...headers },
      });
      asked.once('response', (answer) => {
        const parts: Buffer[] = [];
        const done = (isCut: boolean): void =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(parts).toString(),
            isCut,
          });
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.once('end', () => done(false));
        answer.once('error', () => done(true));
      });
      asked.once('error', (error) => {
        // As every client does: a kept connection may have been closed while this was written.
        if (asked.reusedSocket && !isAgain) resolve(send(sending, true));
        else reject(error);
      });
      asked.end(body);
    });
  return { send: (sending) => send(sending), close: () => agent.destroy() };
}
