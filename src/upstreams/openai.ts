/** An upstream that speaks OpenAI's HTTP: the cloud, Ollama, llama.cpp, vLLM, SGLang, LM Studio, TGI. */
import { Pool } from 'undici';
import type { Locality, UpstreamFacts } from '../core/decision.ts';
import { UpstreamError } from '../core/errors.ts';
import type { Capability } from '../core/signal.ts';
import type { Answer, Upstream, UpstreamRequest } from '../core/upstream.ts';
import { dialectFor, dialects, type Dialect, type DialectName } from './dialects.ts';
import { sendTo, type Server } from './openai/send.ts';
import { DEFAULT_TIMEOUTS, type Timeouts } from './openai/timeouts.ts';

export interface OpenaiOptions {
  readonly name: string;
  readonly locality: Locality;
  /** The base URL, `/v1` included. */
  readonly url: string;
  readonly apiKey?: string;
  readonly model: string;
  readonly models?: readonly string[];
  readonly contextTokens?: number;
  readonly capabilities?: readonly Capability[];
  readonly dialect?: DialectName;
  readonly timeouts?: Partial<Timeouts>;
}

export function openaiUpstream(options: OpenaiOptions): Upstream {
  const url = new URL(options.url);
  const timeouts = { ...DEFAULT_TIMEOUTS[options.locality], ...options.timeouts };
  const dispatcher = new Pool(url.origin, {
    pipelining: 1,
    connectTimeout: timeouts.connectMs,
    // One request a connection: leaving it can be told by closing it.
    allowH2: false,
  });
  const server: Server = {
    name: options.name,
    locality: options.locality,
    dispatcher,
    basePath: url.pathname.replace(/\/+$/, ''),
    ownHeaders: ownHeaders(options.apiKey),
    timeouts,
  };
  const dialect: Dialect = dialects[options.dialect ?? dialectFor(options.locality, url)];
  let asksUsage = dialect.reportsStreamUsage;
  const facts: UpstreamFacts = {
    locality: options.locality,
    model: options.model,
    models: [...new Set([options.model, ...(options.models ?? [])])],
    ...(options.contextTokens === undefined ? {} : { contextTokens: options.contextTokens }),
    capabilities: options.capabilities ? new Set(options.capabilities) : dialect.capabilities,
  };

  const send = async (request: UpstreamRequest, abort: AbortSignal): Promise<Answer> => {
    const sending = { dialect, asksUsage, onUsage: () => undefined };
    try {
      return await sendTo(server, request, sending, abort);
    } catch (error) {
      if (!asksUsage || !isAboutUsage(error)) throw error;
      // Not the caller's fault but our addition's: once without it, and from now on.
      asksUsage = false;
      return await sendTo(server, request, { ...sending, asksUsage }, abort);
    }
  };

  return {
    name: options.name,
    kind: 'openai',
    locality: options.locality,
    facts: () => facts,
    send,
    probe: async () => ({ ok: true, detail: 'not asked' }),
    close: () => dispatcher.destroy(),
  };
}

const ownHeaders = (apiKey: string | undefined): readonly string[] => [
  'user-agent',
  'smallfirst',
  'accept-encoding',
  'identity',
  ...(apiKey === undefined ? [] : ['authorization', `Bearer ${apiKey}`]),
];

const isAboutUsage = (error: unknown): boolean =>
  error instanceof UpstreamError &&
  (error.upstreamStatus === 400 || error.upstreamStatus === 422) &&
  /stream_options|include_usage/.test(error.message);
