/** A proxy of TCP on loopback that lets through, or loses what it is given: a network that is parted without a word. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface FaultProxy {
  readonly port: number;
  /** From now on nothing arrives on either side, of old connections and of new ones, and nothing is closed. */
  part(): void;
  /** New connections get through again; those of before never do. */
  join(): void;
  close(): Promise<void>;
}

export async function startFaultProxy(to: number): Promise<FaultProxy> {
  let isParted = false;
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    if (isParted) return void near.resume();
    const far = keep(connect(to, '127.0.0.1'));
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    part: () => {
      isParted = true;
      for (const socket of sockets) socket.unpipe().resume();
    },
    join: () => {
      isParted = false;
    },
    close: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
