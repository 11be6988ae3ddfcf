/** Probes a server: whether it answers, which dialect it has, and its models. */
import { UpstreamError } from '../../core/errors.ts';
import { isObject, type Json, type JsonObject } from '../../lib/json.ts';
import { identifyServer, type GetJson } from '../identify-server.ts';
import { decoded } from '../http/decoded.ts';
import { exchange, type Exchange } from '../http/exchange.ts';
import { visibleHeaders } from '../http/headers.ts';
import { failedProbe, modelsListed } from '../http/probe-fault.ts';
import type { ProbeResult } from '../../core/upstream.ts';
import type { ServerFacts } from './server-facts.ts';
import { refusal } from './refusal.ts';
import type { Server } from './server.ts';
import { urlPath } from './url-path.ts';
import { parseWhole, readWhole, readErrorText } from './whole.ts';

/** A list of models comes at once or not at all. */
const PROBE_MS = 5000;
const MAX_PROBE_BYTES = 4 * 1024 * 1024;

/** Never throws. `identifies`: detect the dialect, which only local servers need. */
export async function probeServer(
  server: Server,
  known: ServerFacts,
  identifies: boolean,
  abort: AbortSignal,
): Promise<ProbeResult> {
  try {
    const models = await listModels(server, abort);
    const { model } = known.facts();
    const dialect = known.dialectName();
    const options = dialect === 'generic' ? { model } : { model, dialect };
    const look = identifies ? await identifyServer(asker(server, abort), options) : undefined;
    known.update(look, models);
    const unlisted = unlistedModel(known, models);
    return {
      ok: true,
      detail: describe(known, models),
      ...(unlisted === undefined ? {} : { unlisted }),
    };
  } catch (error) {
    return failedProbe(error);
  }
}

function describe(known: ServerFacts, models: readonly string[]): string {
  const { contextTokens } = known.facts();
  const unlisted = unlistedModel(known, models);
  const parts = [known.dialectName(), modelsListed(models.length)];
  if (unlisted !== undefined) parts.push(`'${unlisted}' is not among them`);
  if (contextTokens !== undefined) parts.push(`window ${contextTokens} tokens`);
  return parts.join(', ');
}

/** A server without a list says nothing. */
function unlistedModel(known: ServerFacts, models: readonly string[]): string | undefined {
  const { model } = known.facts();
  return models.length === 0 || isListed(model, models) ? undefined : model;
}

const isListed = (model: string, models: readonly string[]): boolean =>
  models.includes(model) || models.includes(`${model}:latest`);

/** A server that has no list (404) still answers. */
async function listModels(server: Server, abort: AbortSignal): Promise<readonly string[]> {
  const from = await get(server, urlPath(server, '/models'), abort);
  if (from.status === 404) {
    from.drain();
    return [];
  }
  const context = {
    upstream: server.name,
    locality: server.locality,
    isCallersModel: false,
    headers: visibleHeaders(from.headers, 'read'),
  };
  if (from.status < 200 || from.status >= 300) {
    throw refusal(from.status, await readErrorText(from, MAX_PROBE_BYTES), context);
  }
  const { body } = parseWhole(await readWhole(from, MAX_PROBE_BYTES, server.name), context);
  const list = body['data'];
  if (!Array.isArray(list)) {
    const message = `'${server.name}' answers /models without a list; is its url right?`;
    throw new UpstreamError('bad_answer', message);
  }
  return list.flatMap((item: Json) =>
    isObject(item) && typeof item['id'] === 'string' ? [item['id']] : [],
  );
}

function asker(server: Server, abort: AbortSignal): GetJson {
  const root = { ...server, basePath: server.basePath.replace(/\/v1$/, '') };
  return async (path, body) => {
    try {
      const from = await get(server, urlPath(root, path), abort, body);
      const isFine = from.status >= 200 && from.status < 300;
      const text = await readErrorText(from, MAX_PROBE_BYTES);
      return isFine ? (JSON.parse(text) as unknown) : undefined;
    } catch {
      // Not that server; its model list already showed whether it answers.
      return undefined;
    }
  };
}

async function get(
  server: Server,
  path: string,
  abort: AbortSignal,
  body?: JsonObject,
): Promise<Exchange> {
  const from = await exchange(server.connections, {
    upstream: server.name,
    path,
    method: body === undefined ? 'GET' : 'POST',
    headers: [...server.ownHeaders, 'accept', 'application/json', ...(body ? JSON_TYPE : [])],
    body: body === undefined ? null : Buffer.from(JSON.stringify(body)),
    connectMs: server.timeouts.connectMs,
    firstByteMs: PROBE_MS,
    idleMs: PROBE_MS,
    abort,
  });
  return decoded(from, server.name);
}

const JSON_TYPE = ['content-type', 'application/json'];
