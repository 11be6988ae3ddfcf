/** An upstream that speaks OpenAI's HTTP: the cloud, Ollama, llama.cpp, vLLM, SGLang, LM Studio, TGI. */
import { cleanWords } from '../clean-words.ts';
import type { Call } from '../../core/call.ts';
import type { Locality } from '../../core/decision.ts';
import { UpstreamError } from '../../core/errors.ts';
import { foundOf } from '../../core/large-body.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Capability } from '../../core/signal.ts';
import type { Upstream } from '../../core/upstream.ts';
import type { DialectName } from '../../core/dialect-names.ts';
import { dialectFor } from '../dialects.ts';
import { serverFacts, type ServerFacts } from './server-facts.ts';
import { probeServer } from './probe.ts';
import { reasoningSeen } from './reasoning-seen.ts';
import { scoringServer } from './asked-scores.ts';
import { sendTo, type SendOptions } from './send.ts';
import type { Server } from './server.ts';
import { pathsBelow } from './url-path.ts';
import { openConnections, type UpstreamTls } from '../http/connections.ts';
import type { Proxy } from '../http/proxy.ts';
import { resolveTimeouts, type Timeouts } from '../http/timeouts.ts';
import { headersByTeam, wordsOf, type TeamKeys } from '../team-keys.ts';
import type { ByteBudget } from '../../lib/byte-budget.ts';
import { textTokens } from '../../wire/chat-request.ts';
import { promptTokens } from '../../wire/usage.ts';
import { usualRewrites } from './usual-rewrites.ts';
import { truncatedPrompt, windowFromTruncation } from './window.ts';
import { isTooDeep, tooDeep } from './whole.ts';

export interface OpenaiOptions {
  readonly name: string;
  readonly locality: Locality;
  /** The base URL, `/v1` included. Its query goes with every call. */
  readonly url: string;
  readonly apiKey?: string;
  readonly apiKeys?: TeamKeys;
  /** The model name of routed requests. */
  readonly model: string;
  /** Further names that may be pinned, besides those that the server lists. */
  readonly models?: readonly string[];
  /** Overrides the server's report and the dialect's default. */
  readonly contextTokens?: number;
  /** The window the model was trained for: an upper limit if its window is not known otherwise. */
  readonly trainedContextTokens?: number;
  /** Replaces the dialect's capabilities. */
  readonly capabilities?: readonly Capability[];
  /** The server's dialect; else from its URL in the cloud, or from a probe of a local server. */
  readonly dialect?: DialectName;
  readonly timeouts?: Partial<Timeouts>;
  /** What answers that are read whole count against. */
  readonly memory?: ByteBudget;
  /** The proxy between, where there is one. */
  readonly proxy?: Proxy | undefined;
  readonly tls?: UpstreamTls | undefined;
  readonly allowLinkLocal?: boolean;
  /** Sent with every call: what attributes it to a project, a title, a page. Checked by the configuration. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Opens no connection and sends nothing until it is used. `send` never retries; see the port. */
export function openaiUpstream(options: OpenaiOptions): Upstream {
  const { name, locality } = options;
  const url = new URL(options.url);
  const server = serverAt(url, options);
  const known = serverFacts({
    ...options,
    models: options.models ?? [],
    assumed: dialectFor(locality, url),
  });
  let takesUsage = true;
  const reasoning = reasoningSeen();
  const rewrites = usualRewrites(reasoning, url.hostname);
  const scoring = scoringServer();

  const send: Upstream['send'] = (request, abort) => {
    const dialect = known.dialect();
    const asksUsage = takesUsage && dialect.reportsStreamUsage;
    const { contextTokens: window, capabilities } = known.facts();
    const scores = capabilities.has('logprobs') ? scoring.asked(request) : undefined;
    const sending: SendOptions = {
      dialect,
      asksUsage,
      scores,
      window,
      takesTokens: capabilities.has('token_input'),
      rewrites,
      reasoning,
      promptCheck: dialect.truncatesSilently ? promptCheck(name, request.call, known) : noCheck,
    };
    return sendTo(server, request, sending, abort).catch((error: unknown) => {
      if (isTooDeep(error)) throw tooDeep(name, error);
      if (scores?.rewrite !== undefined && scoring.refused(request.model, error))
        return sendTo(server, request, { ...sending, scores: undefined }, abort);
      if (!asksUsage || !request.call.stream || !isAboutUsage(error)) throw error;
      // The server rejects the added `stream_options`, not the caller's request: sends again without it, now and from then on.
      takesUsage = false;
      return sendTo(server, request, { ...sending, asksUsage: false }, abort);
    });
  };

  return {
    name,
    kind: 'openai',
    locality,
    facts: () => known.facts(),
    send,
    probe: (abort) => probeServer(server, known, locality === 'local', abort),
    close: () => server.connections.destroy(),
  };
}

function serverAt(url: URL, options: OpenaiOptions): Server {
  const { name, locality, apiKey, apiKeys, headers = {}, proxy, memory } = options;
  const { tls, allowLinkLocal } = options;
  const headersWith = (key: string | undefined) => ownHeaders(key, headers);
  const own = headersWith(apiKey);
  const timeouts = resolveTimeouts(options.timeouts);
  const base = { basePath: url.pathname.replace(/\/+$/, ''), query: url.search.slice(1) };
  return {
    name,
    locality,
    ...base,
    pathOf: pathsBelow(base),
    connections: openConnections(url.origin, {
      connectMs: timeouts.connectMs,
      proxy,
      tls,
      allowLinkLocal,
    }),
    ownHeaders: own,
    headersFor: headersByTeam(apiKeys, headersWith, own),
    clean: cleanWords(
      [apiKey ?? '', ...wordsOf(apiKeys), ...Object.values(headers)],
      [url.host, url.hostname],
    ),
    timeouts,
    memory,
  };
}

function ownHeaders(
  apiKey: string | undefined,
  configured: Readonly<Record<string, string>>,
): readonly string[] {
  const all: Record<string, string> = { 'user-agent': 'smallfirst' };
  for (const [name, value] of Object.entries(configured)) {
    // An empty one is a variable that is not set: `${TITLE:-}`.
    if (value.trim() !== '') all[name.toLowerCase()] = value.trim();
  }
  all['accept-encoding'] = 'identity';
  if (apiKey !== undefined) all['authorization'] = `Bearer ${apiKey}`;
  return Object.entries(all).flat();
}

const isAboutUsage = (error: unknown): boolean =>
  error instanceof UpstreamError &&
  (error.upstreamStatus === 400 || error.upstreamStatus === 422) &&
  /stream_options|include_usage/.test(error.message);

type PromptCheck = SendOptions['promptCheck'];

const noCheck: PromptCheck = () => undefined;

/** Compares the reported prompt tokens with the request, and remembers a window that this reveals. */
const promptCheck =
  (name: string, call: Call, known: ServerFacts): PromptCheck =>
  (body: JsonObject) => {
    const reported = promptTokens(body);
    if (reported === undefined) return undefined;
    const estimate = foundOf(call)?.textTokens ?? textTokens(call.body);
    const window = windowFromTruncation(reported, estimate, known.facts().contextTokens);
    if (window === undefined) return undefined;
    known.learnWindow(window);
    return truncatedPrompt(name, reported, estimate);
  };
