/** The kind `openai`: any server that speaks OpenAI's HTTP, in the cloud or here. */
import type { ModelCatalogue } from '../../core/model-catalogue.ts';
import type { UpstreamKind } from '../../core/upstream-kind.ts';
import { onlyCompletions } from '../only-completions.ts';
import { proxyOf } from '../proxy-of.ts';
import { connectionProblems, openTls } from '../tls.ts';
import {
  cloudFromEnvironment,
  isOnThisMachine,
  openaiSchema,
  resolveOpenai,
  type OpenaiConfig,
  type RawOpenai,
} from './config.ts';
import type { OpenaiOptions } from './upstream.ts';

export const openaiKind: UpstreamKind<RawOpenai, OpenaiConfig> = {
  kind: 'openai',
  hint: 'any server that speaks its API',
  schema: openaiSchema,
  resolve: resolveOpenai,
  problems: connectionProblems,
  fromEnvironment: cloudFromEnvironment,
  runsHere: isOnThisMachine,
  build: async (config, tools) => {
    // Imported when it is built: `check` reads configurations without the HTTP client.
    const { openaiUpstream } = await import('./upstream.ts');
    const { memory } = tools;
    return openaiUpstream({
      ...optionsOf(config, tools.models),
      proxy: proxyOf(config, tools),
      ...(memory === undefined ? {} : { memory }),
    });
  },
};

function optionsOf(config: OpenaiConfig, models: ModelCatalogue): OpenaiOptions {
  const { apiKey, kind: _, proxy: _proxy, server, tls, ...options } = config;
  return {
    ...modelDefaults(config, models),
    ...options,
    ...(tls === undefined ? {} : { tls: openTls(tls) }),
    ...(server === undefined ? {} : { dialect: server }),
    ...(apiKey === undefined ? {} : { apiKey: apiKey.reveal() }),
  };
}

/** For a local server's model: an upper end of its window, and for base models what they can do. */
function modelDefaults(
  config: OpenaiConfig,
  models: ModelCatalogue,
): Pick<OpenaiOptions, 'trainedContextTokens' | 'capabilities'> {
  const known = config.locality === 'local' ? models.find(config.model) : undefined;
  if (known === undefined) return {};
  return { trainedContextTokens: known.trainedContextTokens, ...onlyCompletions(known) };
}
