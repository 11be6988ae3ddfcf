/** The kind `llama-cpp`: a GGUF model in this process. */
import type { UpstreamKind } from '../../core/upstream-kind.ts';
import {
  llamaCppSchema,
  modelProblems,
  resolveLlamaCpp,
  type LlamaCppConfig,
  type RawLlamaCpp,
} from './config.ts';
import { llamaCppOptions } from './options.ts';

export const llamaCppKind: UpstreamKind<RawLlamaCpp, LlamaCppConfig> = {
  kind: 'llama-cpp',
  isInThisProcess: true,
  schema: llamaCppSchema,
  resolve: resolveLlamaCpp,
  problems: modelProblems,
  runsHere: () => true,
  build: async (config, tools) => {
    // Imported when the upstream is built: its engine is optional, and large.
    const { llamaCppUpstream } = await import('./upstream.ts');
    return llamaCppUpstream(llamaCppOptions(config, tools));
  },
};
