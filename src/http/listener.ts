/** Dispatches requests: the routes that are most of the traffic and those of probes at once, all others by Hono, which is loaded when it is first needed. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Routes } from './app.ts';
import { absoluteForm, canonicalUrl } from './canonical-url.ts';
import { crossOrigin } from './callers/cors.ts';
import { DIRECT } from './direct-routes.ts';
import { checkEntry } from './entry-checks.ts';
import { sendFailure } from './failure.ts';
import type { HttpParts } from './parts.ts';
import { answerOf, type AnswerRequest } from './routes/data.ts';
import { alive, ready } from './routes/health.ts';

/** How long the rest of a body is read after its answer, before the connection is closed. Hono's own limit. */
const DRAIN_MS = 500;

/** It says which paths, with POST, it answers itself: those need nothing of Node's request but what a whole one has. */
export interface GatewayListener extends RequestListener {
  readonly direct: ReadonlySet<string>;
}

/** @param routes `api` where administration has a listener of its own, which serves everything: its pages ask the API too */
export function requestListener(parts: HttpParts, routes: Routes = 'all'): GatewayListener {
  const posted = new Map<string, AnswerRequest>(
    Array.from(DIRECT, ([path, operation]) => [path, answerOf(operation, parts)]),
  );
  const probed = new Map<string, AnswerRequest>([
    ['/healthz', alive],
    ['/readyz', ready(parts)],
  ]);
  const direct = new Map([
    ['POST', posted],
    ['GET', probed],
  ]);
  const routed = routedWhenLoaded(parts, routes);
  const routeOf = (url: string): string => belowBase(canonicalUrl(url), parts.basePath);
  const listener: RequestListener = (incoming, outgoing) => {
    // Sent as `Connection: close`: the next request of this caller goes where it is answered.
    if (parts.isDraining()) outgoing.shouldKeepAlive = false;
    const url = routeOf(targetOf(incoming));
    incoming.url = url;
    const answer = direct.get(incoming.method ?? '')?.get(url);
    if (isRefused(incoming, outgoing, parts)) return;
    if (answer === undefined) void routed(incoming, outgoing);
    else void answerDirectly(answer, incoming, outgoing, parts);
  };
  const isDirect = (path: string): boolean => DIRECT.has(routeOf(path));
  return Object.assign(listener, { direct: new Set([...DIRECT.keys()].filter(isDirect)) });
}

/** From its path on. */
function targetOf(incoming: IncomingMessage): string {
  const { url = '/' } = incoming;
  const absolute = absoluteForm(url);
  if (absolute === undefined) return url;
  incoming.headers.host = absolute.host;
  return absolute.url;
}

/** Never rejects, as `answerDirectly`: where the files of the program are gone by now, it says so. */
function routedWhenLoaded(
  parts: HttpParts,
  routes: Routes,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  let loading: Promise<RequestListener> | undefined;
  const loaded = async (): Promise<RequestListener> => {
    const { routedListener } = await import('./app.ts');
    return routedListener(parts, routes);
  };
  return async (incoming, outgoing) => {
    try {
      const listener = await (loading ??= loaded());
      listener(incoming, outgoing);
    } catch (error) {
      loading = undefined;
      sendFailure({ incoming, outgoing }, error, parts);
      drain(incoming);
    }
  };
}

/** The routes are the same whether a proxy strips the base path or keeps it. */
function belowBase(url: string, base: string): string {
  if (base === '' || !url.startsWith(base)) return url;
  const rest = url.slice(base.length);
  return rest === '' || /^[/?]/.test(rest) ? canonicalUrl(rest) : url;
}

function isRefused(incoming: IncomingMessage, outgoing: ServerResponse, parts: HttpParts): boolean {
  try {
    checkEntry(incoming, parts);
    return false;
  } catch (error) {
    sendFailure({ incoming, outgoing }, error, parts);
    drain(incoming);
    return true;
  }
}

/** Never rejects: a rejection that nothing handles would end the process. */
async function answerDirectly(
  answer: AnswerRequest,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  parts: HttpParts,
): Promise<void> {
  try {
    crossOrigin(incoming, outgoing, parts.corsOrigins);
    await answer(incoming, outgoing);
  } catch (error) {
    sendFailure({ incoming, outgoing }, error, parts);
  }
  drain(incoming);
}

function drain(incoming: IncomingMessage): void {
  if (incoming.complete) return void incoming.resume();
  const timer = setTimeout(() => incoming.socket.destroySoon(), DRAIN_MS).unref();
  incoming.once('close', () => clearTimeout(timer));
  incoming.resume();
}
