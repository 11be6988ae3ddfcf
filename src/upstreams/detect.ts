/** Finds a model server that is running on this machine, or beside this container. */
import { isObject } from '../lib/json.ts';
import type { DialectName } from '../core/dialect-names.ts';
import { identifyServer, type GetJson, type ServerIdentity } from './identify-server.ts';

export interface LocalServer {
  readonly dialect: DialectName;
  /** The base URL, `/v1` included. */
  readonly url: string;
  /** A model that can chat, loaded ones first. */
  readonly model: string;
  readonly models: readonly string[];
  readonly contextTokens?: number;
}

export interface DetectOptions {
  /** Default: 127.0.0.1. The preferred first. */
  readonly hosts?: readonly string[];
  /** Ports of each host, the preferred first. */
  readonly ports?: readonly number[];
  /** Milliseconds for all ports and requests together. Default: 400, for the start must not wait for an absent server. */
  readonly limitMs?: number;
  readonly abort: AbortSignal;
  readonly fetch?: typeof fetch;
}

/** Default ports of Ollama, llama.cpp, LM Studio, vLLM and SGLang. */
const USUAL_PORTS = [11434, 8080, 1234, 8000, 30000] as const;

const THIS_MACHINE = '127.0.0.1';

/**
 * Hosts of `SMALLFIRST_LOCAL_HOSTS`, separated by commas: in a container 127.0.0.1 is the container, and the server
 * is the neighbour `ollama` or the host's. Undefined where it is not set.
 * @throws Error that says what is no host name
 */
export function localHosts(
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] | undefined {
  const hosts = (env['SMALLFIRST_LOCAL_HOSTS'] ?? '').split(',').map((host) => host.trim());
  const named = hosts.filter((host) => host !== '');
  const wrong = named.find((host) => !isHostName(host));
  if (wrong !== undefined)
    throw new Error(
      `SMALLFIRST_LOCAL_HOSTS: '${wrong}' is no host name; write names or addresses without scheme and port, such as ollama,127.0.0.1.`,
    );
  return named.length === 0 ? undefined : named;
}

const isHostName = (text: string): boolean => /^([\w-]+(\.[\w-]+)*|\[[\da-fA-F:.]+\])$/.test(text);

const DETECT_MS = 400;

/**
 * Probes all ports concurrently and accepts only a body of a known server: other programs use 8080 and 8000 too. Takes at most
 * its limit and never throws; undefined if no server with a chat model answers.
 */
export async function detectLocalServer(options: DetectOptions): Promise<LocalServer | undefined> {
  const abort = AbortSignal.any([options.abort, AbortSignal.timeout(options.limitMs ?? DETECT_MS)]);
  const fetcher = options.fetch ?? fetch;
  const ports = options.ports ?? USUAL_PORTS;
  const origins = (options.hosts ?? [THIS_MACHINE]).flatMap((host) =>
    ports.map((port) => `http://${host}:${port}`),
  );
  const found = await Promise.all(
    origins.map(async (origin) =>
      serverAt(origin, await identifyServer(asker(origin, abort, fetcher))),
    ),
  );
  return found.find((server) => server !== undefined);
}

function serverAt(origin: string, look: ServerIdentity | undefined): LocalServer | undefined {
  if (look?.model === undefined) return undefined;
  const { dialect, model, models, contextTokens } = look;
  const server = { dialect, url: `${origin}/v1`, model, models };
  return contextTokens === undefined ? server : { ...server, contextTokens };
}

const asker =
  (origin: string, signal: AbortSignal, fetcher: typeof fetch): GetJson =>
  async (path, body) => {
    const post = { method: 'POST', body: JSON.stringify(body) };
    try {
      const response = await fetcher(origin + path, {
        ...(body === undefined ? {} : post),
        headers: { 'content-type': 'application/json' },
        redirect: 'error',
        signal,
      });
      const answer: unknown = response.ok ? await response.json() : undefined;
      return isObject(answer) ? answer : undefined;
    } catch {
      // No server, or another program.
      return undefined;
    }
  };
