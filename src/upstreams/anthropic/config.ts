/** How an upstream that speaks Anthropic's API is configured. */
import { z } from 'zod';
import type { ResolveTools, UpstreamConfig } from '../../core/upstream-kind.ts';
import { httpUrl, secretText, upstreamName } from '../../core/config-texts.ts';
import type { Secret } from '../../lib/secret.ts';
import type { Timeouts } from '../http/timeouts.ts';
import { connection, overrides, proxy, timeouts } from '../overrides.ts';
import { absoluteTls, type TlsSettings } from '../tls.ts';
import { apiKeys, resolveTeamKeys, type TeamKeys } from '../team-keys.ts';

export interface AnthropicConfig extends UpstreamConfig {
  readonly kind: 'anthropic';
  /** Base URL, without a slash at its end. */
  readonly url: string;
  /** Further names that a caller may pin. */
  readonly models: readonly string[];
  readonly apiKey?: Secret;
  /** By team, in place of `apiKey`. */
  readonly apiKeys?: TeamKeys;
  /** The address of a proxy, or `none`; without it the environment's. */
  readonly proxy?: string;
  readonly timeouts: Partial<Timeouts>;
  /** Paths are absolute. */
  readonly tls?: TlsSettings;
  readonly allowLinkLocal?: boolean;
}

const optional = z.exactOptional;

export const anthropicSchema = z.strictObject({
  name: upstreamName,
  kind: z.literal('anthropic'),
  locality: z.enum(['local', 'cloud']).default('cloud'),
  url: httpUrl.default('https://api.anthropic.com/v1'),
  model: z.string().min(1),
  models: optional(z.array(z.string().min(1))),
  apiKey: optional(secretText),
  apiKeys,
  proxy,
  timeouts,
  ...connection,
  ...overrides,
});

export type RawAnthropic = z.output<typeof anthropicSchema>;

export function resolveAnthropic(raw: RawAnthropic, tools: ResolveTools): AnthropicConfig {
  const { apiKey: _, apiKeys: byTeam, ...others } = raw;
  const apiKey = tools.secret('apiKey');
  return {
    models: [],
    timeouts: {},
    ...others,
    ...absoluteTls(raw.tls, tools.baseDir),
    url: raw.url.replace(/\/+$/, ''),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...resolveTeamKeys(byTeam, tools),
  };
}
