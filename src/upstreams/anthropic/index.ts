/** The kind `anthropic`: Anthropic's own API, or a server that speaks it. */
import type { UpstreamKind } from '../../core/upstream-kind.ts';
import { proxyOf } from '../proxy-of.ts';
import { connectionProblems } from '../tls.ts';
import {
  anthropicSchema,
  resolveAnthropic,
  type AnthropicConfig,
  type RawAnthropic,
} from './config.ts';

export const anthropicKind: UpstreamKind<RawAnthropic, AnthropicConfig> = {
  kind: 'anthropic',
  hint: "Anthropic's own API",
  schema: anthropicSchema,
  resolve: resolveAnthropic,
  problems: connectionProblems,
  runsHere: () => false,
  build: async (config, tools) => {
    // Imported when it is built: `check` reads configurations without the HTTP client.
    const { anthropicUpstream } = await import('./upstream.ts');
    return anthropicUpstream(config, proxyOf(config, tools), tools.memory);
  },
};
