/** An upstream that speaks Anthropic's API: its own requests go through byte for byte, chat is translated. */
import { cleanWords, type CleanWords } from '../clean-words.ts';
import type { Call, Caller } from '../../core/call.ts';
import { UpstreamError } from '../../core/errors.ts';
import type { Capability } from '../../core/signal.ts';
import type { Answer, Upstream, UpstreamRequest } from '../../core/upstream.ts';
import { objectsIn, textIn } from '../../lib/json.ts';
import { mapEvents } from '../../wire/events.ts';
import { withLeftOut } from '../../wire/left-out.ts';
import { completeness } from '../../wire/stream-end.ts';
import { openConnections, type Connections } from '../http/connections.ts';
import { decoded } from '../http/decoded.ts';
import { exchange, type Exchange, type ExchangeOptions } from '../http/exchange.ts';
import { requestHeaders, visibleHeaders } from '../http/headers.ts';
import { failedProbe, modelsListed } from '../http/probe-fault.ts';
import type { ByteBudget } from '../../lib/byte-budget.ts';
import { openTls } from '../tls.ts';
import { headersByTeam, wordsOf } from '../team-keys.ts';
import type { Proxy } from '../http/proxy.ts';
import { resolveTimeouts, type Timeouts } from '../http/timeouts.ts';
import { refusal, type RefusalContext } from '../openai/refusal.ts';
import { openStream } from '../openai/stream.ts';
import { MAX_ERROR_BYTES, parseWhole, readErrorText, readWhole } from '../openai/whole.ts';
import type { AnthropicConfig } from './config.ts';
import { chatChunks, wholeChat } from './from-messages.ts';
import { nativeBody } from './native-body.ts';
import { chatToMessages, leftOutOfMessages } from './to-messages.ts';

const CAPABILITIES: ReadonlySet<Capability> = new Set([
  'chat',
  'messages',
  'tools',
  'tool_choice',
  'vision',
  'image_url',
  'files',
  'json_schema',
] as const);

/** The only version that there is; sent where the caller names none. */
const VERSION = '2023-06-01';
/** The window of Anthropic's models, where the configuration names no other. */
const CONTEXT_TOKENS = 200_000;
const PROBE_MS = 5000;
const MAX_PROBE_BYTES = 4 * 1024 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_EVENT_BYTES = 16 * 1024 * 1024;

interface Server {
  readonly config: AnthropicConfig;
  readonly connections: Connections;
  readonly basePath: string;
  /** Of the base URL, without its question mark. */
  readonly query: string;
  readonly timeouts: Timeouts;
  readonly ownHeaders: readonly string[];
  /** The same, with the credential of the caller's team where it has one. */
  readonly headersFor: (caller: Caller) => readonly string[];
  readonly clean: CleanWords;
  /** What answers that are read whole count against. */
  readonly memory: ByteBudget | undefined;
}

const COMMON: readonly string[] = ['user-agent', 'smallfirst', 'accept-encoding', 'identity'];

/** Opens no connection until it is used. `send` never retries; see the port. */
export function anthropicUpstream(
  config: AnthropicConfig,
  proxy?: Proxy,
  memory?: ByteBudget,
): Upstream {
  const { name, locality, model, apiKey, apiKeys } = config;
  const url = new URL(config.url);
  const timeouts = resolveTimeouts(config.timeouts);
  const headersWith = (key: string) => [...COMMON, 'x-api-key', key];
  const own = apiKey === undefined ? COMMON : headersWith(apiKey.reveal());
  const server: Server = {
    config,
    connections: openConnections(url.origin, {
      connectMs: timeouts.connectMs,
      proxy,
      tls: openTls(config.tls),
      allowLinkLocal: config.allowLinkLocal,
    }),
    basePath: url.pathname.replace(/\/+$/, ''),
    query: url.search.slice(1),
    timeouts,
    ownHeaders: own,
    headersFor: headersByTeam(apiKeys, headersWith, own),
    clean: cleanWords([apiKey?.reveal() ?? '', ...wordsOf(apiKeys)], [url.host, url.hostname]),
    memory,
  };
  const factsWith = (listed: readonly string[]) => ({
    locality,
    model,
    models: [...new Set([model, ...config.models, ...listed])],
    contextTokens: config.contextTokens ?? CONTEXT_TOKENS,
    capabilities: config.capabilities === undefined ? CAPABILITIES : new Set(config.capabilities),
  });
  let facts = factsWith([]);
  return {
    name,
    kind: 'anthropic',
    locality,
    facts: () => facts,
    send: (request, abort) => send(server, request, abort),
    probe: async (abort) => {
      try {
        const listed = await listModels(server, abort);
        facts = factsWith(listed);
        return { ok: true, detail: `anthropic, ${modelsListed(listed.length)}` };
      } catch (error) {
        return failedProbe(error);
      }
    },
    close: () => server.connections.destroy(),
  };
}

async function send(server: Server, request: UpstreamRequest, abort: AbortSignal): Promise<Answer> {
  const { call } = request;
  const { timeouts } = server;
  const from = await ask(server, {
    method: 'POST',
    path: pathTo('/messages', server, call.operation === 'messages' ? queryOf(call) : ''),
    headers: requestHeaders(call, [...server.headersFor(call.caller), ...versionOf(call)]),
    body: bodyOf(request),
    firstByteMs: call.stream ? timeouts.firstByteMs : timeouts.wholeMs,
    idleMs: timeouts.idleMs,
    abort,
    isSentOnce: request.isSentOnce,
    isOnFresh: request.isOnFresh,
    isWhole: !call.stream,
    turns: request.answerTurns,
    egress: request.egress,
  });
  const context = contextOf(server, from, {
    isCallersModel: call.requestedModel === request.model,
    leftOut: call.operation === 'chat' ? leftOutOfMessages(call.body) : [],
  });
  if (from.status < 200 || from.status >= 300) {
    throw refusal(from.status, await readErrorText(from, MAX_ERROR_BYTES), context);
  }
  const isNative = call.operation === 'messages';
  if (!call.stream) {
    const sent = await readWhole(from, MAX_ANSWER_BYTES, context.upstream, server.memory);
    const { bytes, body } = parseWhole(sent, context);
    const answer = { kind: 'whole', headers: context.headers, bytes, body } as const;
    return isNative ? answer : wholeChat(answer, call);
  }
  const events = await openStream(from, {
    context,
    completeness: completeness('messages', call.id),
    wantsUsage: true,
    maxEventBytes: MAX_EVENT_BYTES,
    replaced: () => undefined,
    onUsage: () => {},
  });
  const shown = isNative ? events : mapEvents(events, chatChunks(call));
  return { kind: 'stream', headers: context.headers, events: shown };
}

/** @throws UpstreamError for what is neither its own request nor chat */
function bodyOf({ call, model }: UpstreamRequest): Buffer {
  if (call.operation === 'messages') return nativeBody(call, model);
  if (call.operation === 'chat')
    return Buffer.from(JSON.stringify(chatToMessages(call.body, model)));
  throw new UpstreamError(
    'not_capable',
    `An upstream of the kind anthropic serves chats only, not ${call.path.split('?', 1)[0]}.`,
  );
}

/** With the query of the base URL, and of the caller's own request. */
function pathTo(route: string, { basePath, query }: Server, asked = ''): string {
  const queries = [query, asked].filter((one) => one !== '').join('&');
  return `${basePath}${route}${queries === '' ? '' : `?${queries}`}`;
}

const queryOf = ({ path }: Call): string => path.slice(path.indexOf('?') + 1 || path.length);

const versionOf = ({ forwardHeaders }: Call): readonly string[] =>
  forwardHeaders['anthropic-version'] === undefined ? ['anthropic-version', VERSION] : [];

interface Asked extends Pick<RefusalContext, 'isCallersModel'> {
  /** Members of the request that this API has no place for. */
  readonly leftOut: readonly string[];
}

const contextOf = (
  { config, clean }: Server,
  from: Exchange,
  { isCallersModel, leftOut }: Asked,
): RefusalContext => ({
  upstream: config.name,
  locality: config.locality,
  isCallersModel,
  headers: withLeftOut(visibleHeaders(from.headers, 'read'), leftOut),
  takesOpenaiKey: false,
  clean,
});

async function ask(
  { connections, config, timeouts }: Server,
  options: Omit<ExchangeOptions, 'upstream' | 'connectMs'>,
): Promise<Exchange> {
  const limits = { upstream: config.name, connectMs: timeouts.connectMs };
  return decoded(await exchange(connections, { ...limits, ...options }), config.name);
}

/** A server that has no list (404) still answers. */
async function listModels(server: Server, abort: AbortSignal): Promise<readonly string[]> {
  const from = await ask(server, {
    method: 'GET',
    path: pathTo('/models', server, 'limit=1000'),
    headers: [...server.ownHeaders, 'anthropic-version', VERSION, 'accept', 'application/json'],
    body: null,
    firstByteMs: PROBE_MS,
    idleMs: PROBE_MS,
    abort,
  });
  const context = contextOf(server, from, { isCallersModel: false, leftOut: [] });
  if (from.status === 404) {
    from.drain();
    return [];
  }
  if (from.status < 200 || from.status >= 300) {
    throw refusal(from.status, await readErrorText(from, MAX_ERROR_BYTES), context);
  }
  const { body } = parseWhole(await readWhole(from, MAX_PROBE_BYTES, server.config.name), context);
  return objectsIn(body['data']).flatMap(({ id }) => textIn(id) || []);
}
