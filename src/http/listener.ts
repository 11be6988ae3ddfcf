/** Dispatches requests: the routes that are most of the traffic at once, all others by Hono. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Operation } from '../core/call.ts';
import { createApp, sendFailure, type Routes } from './app.ts';
import { canonicalUrl } from './canonical-url.ts';
import { crossOrigin } from './cors.ts';
import { checkDoor } from './door.ts';
import type { HttpParts } from './parts.ts';
import { answerOf, type AnswerRequest } from './routes/data.ts';

/** POST, and exactly these: a query, another method or anything in the path goes through the router. */
const DIRECT: Readonly<Record<string, Operation>> = {
  '/v1/chat/completions': 'chat',
  '/v1/completions': 'text_completion',
  '/v1/embeddings': 'embeddings',
  '/v1/responses': 'responses',
  '/v1/messages': 'messages',
};

/** What is still sent of a body after its answer is read for so long, then the connection is closed. Hono's own limit. */
const DRAIN_MS = 500;

/** @param routes `api` where administration has a listener of its own, which serves everything: its pages ask the API too */
export function requestListener(parts: HttpParts, routes: Routes = 'all'): RequestListener {
  const app = createApp(parts, routes);
  const routed = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const direct = new Map<string, AnswerRequest>(
    Object.entries(DIRECT).map(([path, operation]) => [path, answerOf(operation, parts)]),
  );
  return (incoming, outgoing) => {
    // Sent as `Connection: close`: the next request of this caller goes where it is answered.
    if (parts.isDraining()) outgoing.shouldKeepAlive = false;
    const url = belowBase(canonicalUrl(incoming.url ?? '/'), parts.basePath);
    incoming.url = url;
    const answer = incoming.method === 'POST' ? direct.get(url) : undefined;
    if (isRefused(incoming, outgoing, parts)) return;
    if (answer === undefined) void routed(incoming, outgoing);
    else void answerDirectly(answer, incoming, outgoing, parts);
  };
}

/** Whether a proxy takes the base path off or leaves it on, the routes are the same. */
function belowBase(url: string, base: string): string {
  if (base === '' || !url.startsWith(base)) return url;
  const rest = url.slice(base.length);
  return rest === '' || /^[/?]/.test(rest) ? canonicalUrl(rest) : url;
}

function isRefused(incoming: IncomingMessage, outgoing: ServerResponse, parts: HttpParts): boolean {
  try {
    checkDoor(incoming, parts);
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
  if (!incoming.complete) drain(incoming);
}

function drain(incoming: IncomingMessage): void {
  const timer = setTimeout(() => incoming.socket.destroySoon(), DRAIN_MS).unref();
  incoming.once('close', () => clearTimeout(timer));
  incoming.resume();
}
