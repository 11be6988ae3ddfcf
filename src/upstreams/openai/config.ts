/** Configuration of an upstream that speaks OpenAI's HTTP API. */
import { z } from 'zod';
import { dialectNames, type DialectName } from '../../core/dialect-names.ts';
import type {
  Environment,
  FromEnvironment,
  ResolveTools,
  UpstreamConfig,
} from '../../core/upstream-kind.ts';
import {
  endpointAdvice,
  httpUrl,
  isHttpUrl,
  secretText,
  upstreamName,
  urlAdvice,
} from '../../core/config-texts.ts';
import { headerProblems } from '../header-rules.ts';
import { secret, type Secret } from '../../lib/secret.ts';
import type { Timeouts } from '../http/timeouts.ts';
import { connection, overrides, proxy, timeouts } from '../overrides.ts';
import { absoluteTls, type TlsSettings } from '../tls.ts';
import { apiKeys, resolveTeamKeys, type TeamKeys } from '../team-keys.ts';

export interface OpenaiConfig extends UpstreamConfig {
  readonly kind: 'openai';
  /** Base URL, without a slash at its end; a query goes with every call. */
  readonly url: string;
  /** Further names that a caller may pin. */
  readonly models: readonly string[];
  readonly apiKey?: Secret;
  /** By team, in place of `apiKey`. */
  readonly apiKeys?: TeamKeys;
  /** Sent with every call; no credentials, nothing that belongs to one connection. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Which server answers there, where it should not be found out: `ollama`, `vllm`, … */
  readonly server?: DialectName;
  /** The address of a proxy, or `none`; without it the environment's. */
  readonly proxy?: string;
  readonly timeouts: Partial<Timeouts>;
  /** Paths are absolute. */
  readonly tls?: TlsSettings;
  readonly allowLinkLocal?: boolean;
}

const optional = z.exactOptional;

const headers = z.record(z.string(), z.string()).superRefine((written, context) => {
  for (const { name, message } of headerProblems(written))
    context.addIssue({ code: 'custom', path: [name], message });
});

export const openaiSchema = z.strictObject({
  name: upstreamName,
  kind: z.literal('openai'),
  locality: z.enum(['local', 'cloud']),
  url: httpUrl.superRefine((url, context) => {
    const message = endpointAdvice(url);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  }),
  model: z.string().min(1),
  models: optional(z.array(z.string().min(1))),
  apiKey: optional(secretText),
  apiKeys,
  headers: optional(headers),
  server: optional(z.enum(dialectNames)),
  proxy,
  timeouts,
  ...connection,
  ...overrides,
});

export type RawOpenai = z.output<typeof openaiSchema>;

type Required = 'name' | 'locality' | 'url' | 'model';

/** A configuration with defaults for all absent members. */
export const openaiConfig = (
  said: Pick<OpenaiConfig, Required> & Partial<Omit<OpenaiConfig, Required | 'kind'>>,
): OpenaiConfig => ({
  models: [],
  timeouts: {},
  ...said,
  kind: 'openai',
  url: withoutSlash(said.url),
});

/** A slash at the end of a query is the query's. */
const withoutSlash = (url: string): string => (url.includes('?') ? url : url.replace(/\/+$/, ''));

export function resolveOpenai(raw: RawOpenai, tools: ResolveTools): OpenaiConfig {
  const { apiKey: _, apiKeys: byTeam, ...others } = raw;
  const apiKey = tools.secret('apiKey');
  return openaiConfig({
    ...others,
    ...absoluteTls(raw.tls, tools.baseDir),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...resolveTeamKeys(byTeam, tools),
  });
}

const OPENAI_URL = 'https://api.openai.com/v1';
const DEFAULT_LARGE_MODEL = 'gpt-4o';

/** The cloud from OpenAI's own variables, used if no upstreams are configured. */
export function cloudFromEnvironment(env: Environment): FromEnvironment<OpenaiConfig> {
  const url = env['OPENAI_BASE_URL'] || OPENAI_URL;
  const message = isHttpUrl(url) ? endpointAdvice(url) : urlAdvice(url);
  if (message !== undefined) return { problems: [{ variable: 'OPENAI_BASE_URL', message }] };
  const key = env['OPENAI_API_KEY'];
  if (!key) return {};
  const cloud = { name: 'cloud', locality: 'cloud', model: DEFAULT_LARGE_MODEL } as const;
  return { cloud: openaiConfig({ ...cloud, url, apiKey: secret(key) }) };
}

/** Names of this machine; the last is the one that containers use. */
const HERE = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|host\.docker\.internal)$/;

export const isOnThisMachine = ({ url }: OpenaiConfig): boolean => HERE.test(new URL(url).hostname);
