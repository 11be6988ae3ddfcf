/** Every kind of upstream: to add one, a file with its factory, and a line in each of these two. */
import type { Upstream } from '../core/upstream.ts';
import type { LlamaCppOptions } from './llama-cpp/upstream.ts';
import { openaiUpstream, type OpenaiOptions } from './openai/upstream.ts';

interface UpstreamKinds {
  readonly openai: OpenaiOptions;
  readonly 'llama-cpp': LlamaCppOptions;
}

type Factory<K extends keyof UpstreamKinds> = (
  options: UpstreamKinds[K],
) => Upstream | Promise<Upstream>;

const factories: { readonly [K in keyof UpstreamKinds]: Factory<K> } = {
  openai: openaiUpstream,
  // Imported when asked for: its engine is optional, and large.
  'llama-cpp': async (options) =>
    (await import('./llama-cpp/upstream.ts')).llamaCppUpstream(options),
};

/** Builds an upstream; asks and loads nothing that its kind would not. */
export async function createUpstream<K extends keyof UpstreamKinds>(
  kind: K,
  options: UpstreamKinds[K],
): Promise<Upstream> {
  return await factories[kind](options);
}
