/**
 * Mounts the routes. Answers requests that no route matches, and errors that a route throws. Nothing that `listener.ts` needs at once may
 * import this or a package of Hono's: they are loaded at the first request that is for them.
 */
import type { IncomingMessage, RequestListener } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono, type MiddlewareHandler } from 'hono';
import type { Operation } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import { looksLikeOurs } from './canonical-url.ts';
import { crossOrigin } from './callers/cors.ts';
import { sendFailure } from './failure.ts';
import type { Env, Handler, HttpParts } from './parts.ts';
import { explainRequest, getReport, getRequest } from './routes/admin.ts';
import { countInputTokens, countTokens } from './routes/count-tokens.ts';
import { listBudgets, removeBudget, setBudget } from './routes/budgets.ts';
import { about, dashboardAsset, dashboardPage } from './routes/dashboard.ts';
import { answerOf, type AnswerRequest } from './routes/data.ts';
import { getEvents } from './routes/events.ts';
import { getSeries, getSummary } from './routes/figures.ts';
import { exportRequests, listRequests } from './routes/requests.ts';
import { giveFeedback } from './routes/feedback.ts';
import {
  activatePolicy,
  auditPolicies,
  checkPolicy,
  getPolicy,
  listPolicies,
  readPolicy,
  rollBackPolicy,
  savePolicy,
  simulatePolicy,
} from './routes/policies.ts';
import { createKey, listKeys, ownKey, revokeKey, rotateKey } from './routes/keys.ts';
import { docsIndex, docsPage, docsStyle } from './routes/docs.ts';
import { root } from './routes/root.ts';
import { alive, ready } from './routes/health.ts';
import { metrics } from './routes/metrics.ts';
import { deleteCollected, getCollected } from './routes/collected.ts';
import { getLedger, pruneLedger } from './routes/ledger.ts';
import { getMeters } from './routes/meters.ts';
import { listCatalogue } from './routes/catalogue.ts';
import { getModel, listModels } from './routes/models.ts';
import { endSession, getSession, startSession } from './routes/session.ts';
import { getOpenApi } from './routes/openapi.ts';
import { dryRun } from './routes/route.ts';
import { deleteResponse, responseInputItems, retrieveResponse } from './routes/stored-responses.ts';
import { checkUpstream, listUpstreams } from './routes/upstreams.ts';

/** What a listener serves: everything, or the API without administration. */
export type Routes = 'all' | 'api';

/** What Hono answers, as a listener of Node's server. */
export const routedListener = (parts: HttpParts, routes: Routes): RequestListener =>
  getRequestListener(createApp(parts, routes).fetch, { overrideGlobalObjects: false });

export function createApp(parts: HttpParts, routes: Routes = 'all'): Hono<Env> {
  const app = new Hono<Env>();
  if (parts.corsOrigins.length > 0) {
    app.use(async ({ env }, next) => {
      if (crossOrigin(env.incoming, env.outgoing, parts.corsOrigins)) return RESPONSE_ALREADY_SENT;
      return await next();
    });
  }
  app.get('/', root(parts));
  app.get('/docs', docsIndex(parts));
  app.get('/docs/style.css', docsStyle);
  app.get('/docs/*', docsPage(parts));
  app.get('/healthz', routed(alive));
  app.get('/readyz', routed(ready(parts)));
  app.get('/openapi.json', getOpenApi(parts));
  if (routes === 'all') mountAdmin(app, parts);
  mountApi(app, parts);
  app.notFound(({ env }) => failed(env, unknownRoute(env.incoming), parts));
  app.onError((error, { env }) => failed(env, error, parts));
  return app;
}

function mountAdmin(app: Hono<Env>, parts: HttpParts): void {
  app.get('/metrics', metrics(parts));
  app.get('/dashboard', dashboardPage(parts));
  app.get('/dashboard/:view{[a-z]+}', dashboardPage(parts));
  app.get('/dashboard/assets/:name', dashboardAsset(parts));
  app.get('/dashboard/:view{[a-z]+}/:id', dashboardPage(parts));
  app.get('/admin/about', about(parts));
  app.get('/admin/models', listCatalogue(parts));
  app.get('/admin/summary', getSummary(parts));
  app.get('/admin/series', getSeries(parts));
  app.get('/admin/requests', listRequests(parts));
  app.get('/admin/requests.csv', exportRequests(parts));
  app.get('/admin/upstreams', listUpstreams(parts));
  app.post('/admin/upstreams/:name/check', checkUpstream(parts));
  app.get('/admin/session', getSession(parts));
  app.post('/admin/session', startSession(parts));
  app.delete('/admin/session', endSession(parts));
  app.get('/admin/events', getEvents(parts));
  app.get('/admin/meters', getMeters(parts));
  app.get('/admin/report', getReport(parts));
  app.get('/admin/requests/:id', getRequest(parts));
  app.get('/admin/requests/:id/why', explainRequest(parts));
  app.get('/admin/policy', getPolicy(parts));
  app.get('/admin/policies', listPolicies(parts));
  app.post('/admin/policies', savePolicy(parts));
  app.post('/admin/policies/check', checkPolicy(parts));
  app.post('/admin/policies/simulate', simulatePolicy(parts));
  app.post('/admin/policies/rollback', rollBackPolicy(parts));
  app.get('/admin/policies/audit', auditPolicies(parts));
  app.get('/admin/policies/:version', readPolicy(parts));
  app.post('/admin/policies/:version/activate', activatePolicy(parts));
  app.get('/admin/keys', listKeys(parts));
  app.post('/admin/keys', createKey(parts));
  app.post('/admin/keys/:name/rotate', rotateKey(parts));
  app.delete('/admin/keys/:name', revokeKey(parts));
  app.get('/admin/collected', getCollected(parts));
  app.post('/admin/collected/delete', deleteCollected(parts));
  app.get('/admin/ledger', getLedger(parts));
  app.post('/admin/ledger/prune', pruneLedger(parts));
  app.get('/admin/budgets', listBudgets(parts));
  app.post('/admin/budgets', setBudget(parts));
  app.delete('/admin/budgets/:name', removeBudget(parts));
}

function mountApi(app: Hono<Env>, parts: HttpParts): void {
  const answered = (operation: Operation): Handler => routed(answerOf(operation, parts));
  const passthrough = answered('passthrough');
  app.post('/v1/chat/completions', answered('chat'));
  app.post('/v1/completions', answered('text_completion'));
  // OpenAI's first form of the route: the model is in the path.
  app.post('/v1/engines/:model/chat/completions', answered('chat'));
  app.post('/v1/engines/:model/completions', answered('text_completion'));
  app.post('/v1/engines/:model/embeddings', answered('embeddings'));
  app.post('/v1/embeddings', answered('embeddings'));
  app.post('/v1/responses', answered('responses'));
  app.post('/v1/messages', answered('messages'));
  app.post('/v1/messages/count_tokens', countTokens(parts));
  app.post('/v1/responses/input_tokens', countInputTokens(parts));
  app.post('/v1/route', dryRun(parts));
  app.post('/v1/feedback', giveFeedback(parts));
  app.get('/v1/key', ownKey(parts));
  app.get('/v1/models', listModels(parts));
  app.get('/v1/models/*', getModel(parts));
  app.get('/v1/responses/:id', retrieveResponse(parts, passthrough));
  app.delete('/v1/responses/:id', deleteResponse(parts, passthrough));
  app.get('/v1/responses/:id/input_items', responseInputItems(parts, passthrough));
  // Listing stored completions is a real route of OpenAI's; the other methods are mistakes.
  app.on(['PUT', 'PATCH', 'DELETE', 'OPTIONS'], '/v1/chat/completions', wrongMethod('GET, POST'));
  for (const path of [
    '/v1/completions',
    '/v1/embeddings',
    '/v1/responses',
    '/v1/messages',
    '/v1/messages/count_tokens',
    '/v1/route',
    '/v1/feedback',
  ]) {
    app.on(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], path, wrongMethod('POST'));
  }
  app.on(['POST', 'PUT', 'PATCH', 'OPTIONS'], '/v1/models', wrongMethod('GET'));
  app.on(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], '/v1/key', wrongMethod('GET'));
  // Batches of chats would pass unread.
  const noRoute = refusing<Handler>(({ env }) => failed(env, unknownRoute(env.incoming), parts));
  app.all('/v1/messages/*', noRoute);
  // A preflight that `server.cors` does not answer is refused here; it is not forwarded to the cloud.
  app.on('OPTIONS', '/v1/*', noRoute);
  app.post(
    '/v1/*',
    refusing<MiddlewareHandler<Env>>(async (context, next) => {
      const { incoming } = context.env;
      if (looksLikeOurs(context.req.path))
        return failed(context.env, unknownRoute(incoming), parts);
      return await next();
    }),
  );
  app.all('/v1/:any{.+}', passthrough);
}

/** For Hono's router, what writes the answer itself. */
const routed =
  (answer: AnswerRequest): Handler =>
  async ({ env: { incoming, outgoing }, req }) => {
    await answer(incoming, outgoing, req.param('model'));
    return RESPONSE_ALREADY_SENT;
  };

function failed(env: Env['Bindings'], error: unknown, parts: HttpParts): Response {
  sendFailure(env, error, parts);
  return RESPONSE_ALREADY_SENT;
}

function unknownRoute({ method, url = '' }: IncomingMessage): GatewayError {
  const path = url.split('?', 1)[0] ?? '';
  const hint = looksLikeOurs(path)
    ? 'Chats are read at /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/responses and /v1/messages.'
    : 'The OpenAI API is under /v1.';
  const base = /^\/v1\b/.test(path) ? '' : " The base URL of an OpenAI client ends in '/v1'.";
  return new GatewayError(
    'caller_unknown_route',
    `Invalid URL (${method} ${path}). ${hint}${base}`,
    {
      wireCode: 'unknown_url',
    },
  );
}

/** Handlers that only refuse: a path that has one is not a route. */
const refusals = new WeakSet<object>();

export const isRefusal = (handler: object): boolean => refusals.has(handler);

function refusing<Refusal extends object>(handler: Refusal): Refusal {
  refusals.add(handler);
  return handler;
}

const wrongMethod = (allowed: string): Handler =>
  refusing<Handler>(({ req, env }) => {
    env.outgoing.setHeader('allow', allowed);
    const message = `Not allowed to ${req.method} on ${req.path}. Use ${allowed}.`;
    throw new GatewayError('caller_wrong_method', message, { wireCode: 'method_not_supported' });
  });
