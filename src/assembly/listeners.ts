/** The sockets of a gateway: one for everything, or one for the API and one for administration, whose pages ask the API too. */
import type { Config } from '../config/config.ts';
import { draining } from '../http/admission/admission.ts';
import { requestListener, type GatewayListener } from '../http/listener.ts';
import type { HttpParts } from '../http/parts.ts';
import { receive } from '../http/handed-over.ts';
import { listen, requireFreePort, type Listening, type Where } from '../http/server.ts';
import type { Place } from '../workers/calls.ts';
import type { Worker } from '../workers/worker.ts';
import type { Certificates } from './certificates.ts';

export interface Listeners extends Pick<Listening, 'url' | 'port' | 'cut'> {
  /** Where administration is; the same as `url` where it has no listener of its own. */
  readonly adminUrl: string;
  /** Lets requests in flight finish, for at most `limits.drainMs`. */
  close(): Promise<void>;
}

/** @throws Error in words about the port, when one could not be had now */
export async function requireFreePorts({ server, admin }: Config): Promise<void> {
  await requireFreePort(server.host, server.port);
  if (admin !== undefined) await requireFreePort(admin.host, admin.port);
}

interface Around {
  readonly certificates: Certificates;
  readonly life: AbortSignal;
  /** Given: the connections are those that its primary accepts. */
  readonly worker: Pick<Worker, 'intake'> | undefined;
}

/** @throws Error that says what to do, when a port cannot be bound */
export async function openListeners(
  config: Config,
  parts: HttpParts,
  { certificates, life, worker }: Around,
): Promise<Listeners> {
  const { server, admin, limits } = config;
  const open = async (place: Place, listener: GatewayListener, at: Where): Promise<Listening> =>
    worker === undefined
      ? await listen(listener, at, () => parts.admission.connected())
      : receive(listener, worker.intake(place), at);
  const routes = admin === undefined ? 'all' : 'api';
  const { host, port } = server;
  const tls = certificates.server;
  const api = await open('api', requestListener(parts, routes), { host, port, tls });
  const own = admin && (await open('admin', requestListener(parts), { ...admin, tls }));
  const all = own === undefined ? [api] : [api, own];
  certificates.follow((changed) => {
    for (const each of all) each.useTls(changed);
  }, life);
  return {
    url: api.url,
    port: api.port,
    adminUrl: own?.url ?? api.url,
    cut: () => {
      for (const each of all) each.cut();
    },
    close: async () => {
      const how = {
        graceMs: limits.drainMs,
        acceptMs: limits.drainAcceptMs,
        idle: parts.admission.empty(),
        endAll: () => parts.admission.endAll(draining()),
      };
      await Promise.all(all.map((each) => each.close(how)));
    },
  };
}
