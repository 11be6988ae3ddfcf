/** A proxy in front of a gateway, which may show it below a path, and can be cut. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Proxy {
  /** With the path below which the gateway is shown. */
  readonly url: string;
  /** From now on nobody is answered, and who listens is cut off. */
  cut(): void;
  close(): void;
}

/** As nginx does with `location /base/ { proxy_pass http://gateway/; }`: what is elsewhere is not the gateway's. */
export async function startProxy(target: string, base = ''): Promise<Proxy> {
  let isCut = false;
  const proxy = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    if (isCut) return void incoming.socket.destroy();
    if (!path.startsWith(`${base}/`)) return void outgoing.writeHead(410).end();
    const { method, headers } = incoming;
    const asked = request(`${target}${path.slice(base.length)}`, { method, headers });
    asked.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    asked.on('error', () => outgoing.destroy());
    outgoing.on('close', () => asked.destroy());
    incoming.pipe(asked);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a server that listens on a port
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${base}`,
    cut: () => {
      isCut = true;
      proxy.closeAllConnections();
    },
    close: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}
