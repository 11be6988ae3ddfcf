/** Every kind of upstream: to add one, a file with its factory, and a line in each of these two. */
import type { Upstream } from '../core/upstream.ts';
import type { LlamaCppOptions } from './llama-cpp.ts';
import { openaiUpstream, type OpenaiOptions } from './openai.ts';

export interface UpstreamKinds {
  readonly openai: OpenaiOptions;
  readonly 'llama-cpp': LlamaCppOptions;
}

export type UpstreamKind = keyof UpstreamKinds;

const factories: {
  readonly [K in UpstreamKind]: (options: UpstreamKinds[K]) => Upstream | Promise<Upstream>;
} = {
  openai: openaiUpstream,
  // Imported when asked for: its engine is optional, and large.
  'llama-cpp': async (options) => (await import('./llama-cpp.ts')).llamaCppUpstream(options),
};

/** Builds an upstream; asks and loads nothing that its kind would not. */
export async function createUpstream<K extends UpstreamKind>(
  kind: K,
  options: UpstreamKinds[K],
): Promise<Upstream> {
  return await factories[kind](options);
}
