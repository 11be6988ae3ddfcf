/** Every kind of upstream: to add one, a file with its factory, and a line in each of these two. */
import type { LlamaCppOptions, LlamaCppUpstream } from './llama-cpp.ts';
import { openaiUpstream, type OpenaiOptions, type OpenaiUpstream } from './openai.ts';

interface UpstreamKinds {
  readonly openai: { readonly options: OpenaiOptions; readonly upstream: OpenaiUpstream };
  readonly 'llama-cpp': { readonly options: LlamaCppOptions; readonly upstream: LlamaCppUpstream };
}

type Factory<K extends keyof UpstreamKinds> = (
  options: UpstreamKinds[K]['options'],
) => UpstreamKinds[K]['upstream'] | Promise<UpstreamKinds[K]['upstream']>;

const factories: { readonly [K in keyof UpstreamKinds]: Factory<K> } = {
  openai: openaiUpstream,
  // Imported when asked for: its engine is optional, and large.
  'llama-cpp': async (options) => (await import('./llama-cpp.ts')).llamaCppUpstream(options),
};

/** Builds an upstream; asks and loads nothing that its kind would not. */
export async function createUpstream<K extends keyof UpstreamKinds>(
  kind: K,
  options: UpstreamKinds[K]['options'],
): Promise<UpstreamKinds[K]['upstream']> {
  return await factories[kind](options);
}
